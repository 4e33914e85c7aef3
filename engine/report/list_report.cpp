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
  if (!cell.is_array()) return cell.dump();
  std::string text;
  for (const auto& part : cell) text += (text.empty() ? "" : "; ") + cell_text(part);
  return text;
}

std::vector<std::string> texts_of(const std::vector<nlohmann::json>& row) {
  std::vector<std::string> texts;
  for (const nlohmann::json& cell : row) texts.push_back(cell_text(cell));
  return texts;
}

}  // namespace

std::string list_text(const ListReport& list, const TextStyle& style) {
  if (list.rows.empty()) return "None.\n";
  Table table(std::vector<Table::Align>(list.columns.size(), Table::Align::left));
  table.row(list.columns);
  const std::size_t all = list.rows.size();
  const std::size_t shown = style.limit == 0 ? all : std::min(style.limit, all);
  for (std::size_t i = 0; i < shown; ++i) {
    std::vector<std::string> cells;
    for (const std::string& cell : texts_of(list.rows[i])) cells.push_back(escaped(cell));
    table.row(cells);
  }
  std::string text = table.text(0);
  if (shown < all) text += fmt::format("… and {} more; --all shows them\n", with_separators(all - shown));
  return text + fmt::format("\n{}.\n", pluralised(all, "row", "rows"));
}

std::string list_csv(const ListReport& list) {
  const auto line = [](const std::vector<std::string>& cells) {
    return csv_line({cells.begin(), cells.end()});
  };
  std::string text = line(list.columns);
  for (const auto& row : list.rows) text += line(texts_of(row));
  return text;
}

nlohmann::ordered_json list_json(const ListReport& list, ExitCode code) {
  nlohmann::ordered_json out{{"report", list.name}, {"exit", exit_json(code)}};
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& row : list.rows) {
    nlohmann::ordered_json object;
    for (std::size_t i = 0; i < list.columns.size(); ++i) object[list.columns[i]] = row[i];
    rows.push_back(std::move(object));
  }
  out[list.name] = std::move(rows);
  return out;
}

ListReport list_of(const std::vector<Orphan>& orphans) {
  ListReport list{
      "orphans",
      {"platform", "account", "label", "active", "own", "since", "becomes", "on", "held", "because"},
      {}};
  for (const Orphan& one : orphans)
    list.rows.push_back({one.platform, one.account, one.label, one.active, one.own, text_or_null(one.since),
                         one.becomes, text_or_null(one.day), one.held, one.because});
  return list;
}

ListReport list_of(const std::vector<LinkRow>& links) {
  ListReport list{"links", {"platform", "person", "account", "label", "how", "since"}, {}};
  for (const LinkRow& one : links)
    list.rows.push_back({one.platform, one.person, one.account, one.label, one.how, one.since});
  return list;
}

ListReport list_of(const std::vector<PlannedLoss>& losses) {
  ListReport list{"leaving", {"day", "platform", "person", "label", "loses", "because", "held"}, {}};
  for (const PlannedLoss& one : losses)
    list.rows.push_back(
        {one.day, one.platform, text_or_null(one.person), one.label, one.what, one.because, one.held});
  return list;
}

ListReport list_of(const std::vector<AccountThen>& accounts) {
  ListReport list{
      "accounts", {"platform", "account", "label", "person", "active", "memberships", "seen"}, {}};
  for (const AccountThen& one : accounts)
    list.rows.push_back({one.platform, one.account, one.label, text_or_null(one.person), one.active,
                         one.memberships, one.seen});
  return list;
}

ListReport list_of(const std::vector<RunCounts>& runs) {
  ListReport list{"runs",
                  {"run", "command", "started", "seconds", "exit", "given", "changed", "taken", "failed",
                   "held", "skipped", "open", "by", "reason"},
                  {}};
  for (const RunCounts& one : runs) {
    const auto summary = nlohmann::json::parse(one.run.summary, nullptr, false);
    const std::uint64_t held = summary.is_object() ? summary.value("held", std::uint64_t{0}) : 0;
    const bool ended = !one.run.ended_at.empty();
    nlohmann::json seconds, exit;
    if (ended) seconds = seconds_of(one.run.ended_at) - seconds_of(one.run.started_at);
    if (one.run.exit_code) exit = *one.run.exit_code;
    list.rows.push_back({one.run.id, one.run.command, one.run.started_at, seconds, exit, one.given,
                         one.changed, one.taken, one.failed, held, one.skipped, one.open,
                         text_or_null(one.run.actor.empty() ? "" : one.run.actor + "@" + one.run.host),
                         text_or_null(one.run.reason)});
  }
  return list;
}

ListReport differences_list(const std::vector<HistoryEntry>& changes) {
  ListReport list{"changes", {"platform", "account", "label", "person", "change"}, {}};
  for (const HistoryEntry& one : changes)
    list.rows.push_back({one.platform, one.account, one.label, text_or_null(one.person), changed_text(one)});
  return list;
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
