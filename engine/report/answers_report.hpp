#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/answers/as_of.hpp"
#include "engine/answers/explanation.hpp"
#include "engine/answers/history.hpp"
#include "engine/answers/leaving.hpp"
#include "engine/answers/orphans.hpp"
#include "engine/answers/run_lines.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

/// A remembered pair of person and account.
struct LinkRow {
  std::string platform, person, account, how, since;
};

/// Everything that is known of somebody, as a person reads it.
std::string explain_text(const Explanation& explanation, const TextStyle& style);
nlohmann::ordered_json explain_json(const Explanation& explanation, ExitCode code);

/// One line a change, oldest first.
std::string history_text(const std::vector<HistoryEntry>& entries, const TextStyle& style);
nlohmann::ordered_json history_json(const std::vector<HistoryEntry>& entries);
/// "removed by run 57 (because …)" or "removed on flows, not by usher, …": one change as a sentence.
std::string history_line(const HistoryEntry& entry);

/// "+ group engineers", "name: "A" → "B"", "account: disable": what changed, without when and by whom.
std::string changed_text(const HistoryEntry& entry);

/// A list as text, CSV (RFC 4180) and JSON: the same columns under the same names. In JSON a cell is what it
/// is: a number, true or false, null where there is nothing, a list of texts; text and CSV write "yes" and
/// "no", and the parts of a list with "; " between them. What it lists must outlive it.
struct ListReport {
  std::string name;  ///< "orphans"
  std::vector<std::string> columns;
  std::size_t size = 0;
  std::function<std::vector<nlohmann::json>(std::size_t)> row;  ///< asked for those that are shown only
  std::optional<std::vector<LeftOut>> left_out = {};  ///< platforms it says nothing of; nullopt: no such list
};
/// A sentence a line for each platform that is left out.
std::string left_out_text(const ListReport& list);
std::string list_text(const ListReport& list, const TextStyle& style);
std::string list_csv(const ListReport& list);
nlohmann::ordered_json list_json(const ListReport& list, ExitCode code);

ListReport list_of(const std::vector<Orphan>& orphans);
/// label: of a row's account.
ListReport list_of(const std::vector<LinkRow>& links, std::function<std::string(const LinkRow&)> label);
ListReport list_of(const std::vector<PlannedLoss>& losses);
ListReport list_of(const std::vector<AccountThen>& accounts);
ListReport list_of(AccountsThen& accounts);
ListReport list_of(const std::vector<RunLine>& runs);
/// What differs between two moments.
ListReport differences_list(const std::vector<HistoryEntry>& changes);
/// A calendar (RFC 5545) with a day's event for each person and platform. made: when, RFC 3339.
std::string calendar_of(const std::vector<PlannedLoss>& losses, const std::string& made);

}  // namespace usher
