#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/report/answers_report.hpp"
#include "engine/report/csv_line.hpp"
#include "engine/report/report.hpp"
#include "engine/runtime/time.hpp"

namespace usher {

namespace {

/// Text of a calendar's property: what has a meaning there is escaped, lines are folded at 75 bytes, never
/// inside a character.
std::string property(const std::string& name, std::string_view value) {
  std::string line = name + ":";
  for (const char c : value) {
    if (c == '\n') {
      line += "\\n";
      continue;
    }
    if (c == ',' || c == ';' || c == '\\') line += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) line += c;
  }
  std::string folded;
  std::size_t bytes = 0;
  for (const char c : line) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (bytes >= 71 && begins) {
      folded += "\r\n ";
      bytes = 1;
    }
    folded += c;
    ++bytes;
  }
  return folded + "\r\n";
}

std::string digits(const std::string& text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return c >= '0' && c <= '9'; });
  return out;
}

nlohmann::json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::json() : nlohmann::json(text);
}

/// A cell for people.
std::string cell_text(const nlohmann::json& cell) {
  if (cell.is_null()) return "";
  if (cell.is_boolean()) return cell.get<bool>() ? "yes" : "no";
  if (cell.is_string()) return cell.get<std::string>();
  std::string text;
  if (cell.is_object()) {  // "iot: given 3, taken 1; flows: held 4"
    for (const auto& [name, value] : cell.items())
      text += (text.empty()        ? ""
               : value.is_object() ? "; "
                                   : ", ") +
              name + (value.is_object() ? ": " : " ") + cell_text(value);
    return text;
  }
  if (!cell.is_array()) return cell.dump();
  for (const auto& part : cell) text += (text.empty() ? "" : "; ") + cell_text(part);
  return text;
}

std::vector<std::string> texts_of(const std::vector<nlohmann::json>& row) {
  std::vector<std::string> texts;
  for (const nlohmann::json& cell : row) texts.push_back(cell_text(cell));
  return texts;
}

}  // namespace

std::string left_out_text(const ListReport& list) {
  std::string text;
  for (const LeftOut& one : list.left_out.value_or(std::vector<LeftOut>()))
    text += fmt::format("{} is left out: {}.\n", escaped(one.platform), escaped(one.why));
  return text;
}

std::string list_text(const ListReport& list, const TextStyle& style) {
  if (list.size == 0) return "None.\n" + left_out_text(list);
  Table table(std::vector<Table::Align>(list.columns.size(), Table::Align::left));
  table.row(list.columns);
  const std::size_t all = list.size;
  const std::size_t shown = style.limit == 0 ? all : std::min(style.limit, all);
  for (std::size_t i = 0; i < shown; ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : texts_of(list.row(i))) cells.push_back(escaped(cell));
    table.row(cells);
  }
  std::string text = table.text_within(style.columns);
  if (shown < all) text += fmt::format("… and {} more; --all shows them\n", with_separators(all - shown));
  return text + fmt::format("\n{}.\n", pluralised(all, "row", "rows")) + left_out_text(list);
}

std::string list_csv(const ListReport& list) {
  const auto line = [](const std::vector<std::string>& cells) {
    return csv_line({cells.begin(), cells.end()});
  };
  std::string text = line(list.columns);
  for (std::size_t i = 0; i < list.size; ++i) text += line(texts_of(list.row(i)));
  return text;
}

nlohmann::ordered_json list_json(const ListReport& list, ExitCode code) {
  nlohmann::ordered_json out{{"report", list.name}, {"exit", exit_json(code)}};
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t number = 0; number < list.size; ++number) {
    const std::vector<nlohmann::json> row = list.row(number);
    nlohmann::ordered_json object;
    for (std::size_t i = 0; i < list.columns.size(); ++i) object[list.columns[i]] = row[i];
    rows.push_back(std::move(object));
  }
  out[list.name] = std::move(rows);
  if (!list.left_out) return out;
  out["left-out"] = nlohmann::ordered_json::array();
  for (const LeftOut& one : *list.left_out)
    out["left-out"].push_back({{"platform", one.platform}, {"why", one.why}});
  return out;
}

namespace {

using Cells = std::vector<nlohmann::json>;

/// cells: of one of `all`, which must outlive the list.
template <class One>
ListReport list_of(std::string name, std::vector<std::string> columns, const std::vector<One>& all,
                   std::function<Cells(const One&)> cells) {
  return {std::move(name), std::move(columns), all.size(),
          [&all, cells = std::move(cells)](std::size_t i) { return cells(all[i]); }};
}

}  // namespace

ListReport list_of(const std::vector<Orphan>& orphans) {
  return list_of<Orphan>(
      "orphans",
      {"platform", "account", "label", "active", "own", "since", "becomes", "on", "held", "because"}, orphans,
      [](const Orphan& one) -> Cells {
        return {one.platform, one.account,           one.label, one.active, one.own, text_or_null(one.since),
                one.becomes,  text_or_null(one.day), one.held,  one.because};
      });
}

ListReport list_of(const std::vector<LinkRow>& links, std::function<std::string(const LinkRow&)> label) {
  return list_of<LinkRow>("links", {"platform", "person", "account", "label", "how", "since"}, links,
                          [label = std::move(label)](const LinkRow& one) -> Cells {
                            return {one.platform, one.person, one.account, label(one), one.how, one.since};
                          });
}

ListReport list_of(const std::vector<PlannedLoss>& losses) {
  return list_of<PlannedLoss>(
      "leaving", {"day", "platform", "person", "label", "loses", "because", "held"}, losses,
      [](const PlannedLoss& one) -> Cells {
        return {one.day, one.platform, text_or_null(one.person), one.label, one.what, one.because, one.held};
      });
}

namespace {

const std::vector<std::string> account_columns{"platform", "account",     "label", "person",
                                               "active",   "memberships", "seen"};

Cells cells_of(const AccountThen& one) {
  return {one.platform, one.account,     one.label, text_or_null(one.person),
          one.active,   one.memberships, one.seen};
}

}  // namespace

ListReport list_of(const std::vector<AccountThen>& accounts) {
  return list_of<AccountThen>("accounts", account_columns, accounts, cells_of);
}

ListReport list_of(AccountsThen& accounts) {
  return {"accounts", account_columns, accounts.size(),
          [&accounts](std::size_t i) { return cells_of(accounts.at(i)); }};
}

namespace {

/// By platform what is not 0.
nlohmann::json platforms_json(const RunLine& line) {
  nlohmann::json platforms = nlohmann::json::object();
  for (const auto& [name, on] : line.platforms) {
    nlohmann::json numbers = {{"given", on.counts.given}, {"changed", on.counts.changed},
                              {"taken", on.counts.taken}, {"failed", on.counts.failed},
                              {"held", on.held},          {"skipped", on.counts.skipped},
                              {"open", on.counts.open}};
    std::erase_if(numbers.get_ref<nlohmann::json::object_t&>(),
                  [](const auto& one) { return one.second == 0; });
    if (!numbers.empty()) platforms[name] = std::move(numbers);
  }
  return platforms;
}

}  // namespace

ListReport list_of(const std::vector<RunLine>& runs) {
  return list_of<RunLine>(
      "runs",
      {"run", "command", "started", "seconds", "exit", "given", "changed", "taken", "failed", "held",
       "skipped", "open", "by", "reason", "approvals", "stages", "platforms"},
      runs, [](const RunLine& one) -> Cells {
        nlohmann::json seconds, exit, stages = nlohmann::json::array();
        if (!one.ended_at.empty()) seconds = seconds_of(one.ended_at) - seconds_of(one.started_at);
        if (one.exit_code) exit = *one.exit_code;
        for (const std::int64_t run : one.runs) stages.push_back(run);
        return {one.runs.back(),
                one.command,
                one.started_at,
                seconds,
                exit,
                one.counts.given,
                one.counts.changed,
                one.counts.taken,
                one.counts.failed,
                one.held,
                one.counts.skipped,
                one.counts.open,
                text_or_null(one.actor.empty() ? "" : one.actor + "@" + one.host),
                text_or_null(one.reason),
                one.approvals,
                stages,
                platforms_json(one)};
      });
}

ListReport differences_list(const std::vector<HistoryEntry>& changes) {
  return list_of<HistoryEntry>(
      "changes", {"platform", "account", "label", "person", "change"}, changes,
      [](const HistoryEntry& one) -> Cells {
        return {one.platform, one.account, one.label, text_or_null(one.person), changed_text(one)};
      });
}

std::string calendar_of(const std::vector<PlannedLoss>& losses, const std::string& made) {
  std::string text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//usher//leaving//EN\r\n";
  for (const PlannedLoss& one : losses) {
    const std::string whom = one.label.empty() ? one.person : one.label;
    text += "BEGIN:VEVENT\r\n";
    text += property("UID", one.day + "-" + one.platform + "-" + one.account + "-" + one.what + "@usher");
    text += property("DTSTAMP", digits(made).substr(0, 8) + "T" + digits(made).substr(8, 6) + "Z");
    text += property("DTSTART;VALUE=DATE", digits(one.day));
    text += property("SUMMARY", fmt::format("{} on {}: {}", whom, one.platform, one.what));
    text += property("DESCRIPTION", one.because + (one.held ? "\nA guard would hold it." : ""));
    text += "END:VEVENT\r\n";
  }
  return text + "END:VCALENDAR\r\n";
}

}  // namespace usher
