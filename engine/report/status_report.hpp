#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/entry_membership.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

struct JournalEntry;
struct RunState;
struct Status;

/// now: RFC 3339, for ages.
std::string status_text(const Status& status, std::string_view now, const TextStyle& style);
nlohmann::ordered_json status_json(const Status& status, ExitCode code);

/// Why operations are done, by their ids.
using OperationReasons = std::map<std::string, std::string>;

/// One run and what became of each of its operations. titles: of the groups that memberships are in.
std::string run_text(const RunState& run, const std::vector<JournalEntry>& operations, const TextStyle& style,
                     const EntitlementTitles& titles = {}, const OperationReasons& reasons = {});
nlohmann::ordered_json run_json(const RunState& run, const std::vector<JournalEntry>& operations,
                                ExitCode code, const EntitlementTitles& titles = {},
                                const OperationReasons& reasons = {});

}  // namespace usher
