#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/report/answers_report.hpp"

namespace usher {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string json_value_text(const json& value) {
  if (value.is_null()) return "(none)";
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string details_text(const json& details) {
  if (!details.is_array() || details.empty()) return "";
  std::string text;
  for (const auto& one : details) text += (text.empty() ? "" : ", ") + one.get<std::string>();
  return " (" + text + ")";
}

std::string author_text(const HistoryEntry& entry) {
  if (!entry.by_usher()) return entry.after.empty() ? "not by usher" : "not by usher, after " + entry.after;
  const std::string state = entry.state == "done" ? "" : ", " + entry.state;
  std::string approvals;
  for (const std::string& approval : entry.approvals) approvals += ", under " + approval;
  return fmt::format("run {}{}{}{}{}", entry.run, entry.actor.empty() ? "" : " by " + entry.actor,
                     entry.reason.empty() ? "" : " (" + entry.reason + ")", approvals, state);
}

std::string reason_text(const HistoryEntry& entry) {
  std::string text = entry.because;
  if (!entry.rule.empty() && entry.rule != entry.because) text += (text.empty() ? "" : "; ") + entry.rule;
  if (!entry.message.empty()) text += (text.empty() ? "" : "; ") + entry.message;
  return text;
}

}  // namespace

std::string changed_text(const HistoryEntry& entry) {
  if (entry.is_membership()) {
    if (entry.takes_membership())
      return "- " + entry.what + details_text(entry.before) +
             (entry.act == "delete" ? ", with the account" : "");
    if (entry.act == "add-membership" || entry.act == "added")
      return "+ " + entry.what + details_text(entry.now);
    return "~ " + entry.what + details_text(entry.before) + " →" + details_text(entry.now);
  }
  const bool links = entry.act == "link" || entry.act == "unlink" || entry.act == "relink";
  if (links || entry.act == "update" || entry.act == "changed")
    return fmt::format("{}: {} → {}", entry.what, json_value_text(entry.before), json_value_text(entry.now));
  return entry.what + ": " + entry.act;
}

std::string history_line(const HistoryEntry& entry) {
  const std::string reason = reason_text(entry);
  return fmt::format("{}  {}  {}  {}  {}{}", entry.at, entry.platform,
                     entry.label.empty() ? entry.account : entry.label, changed_text(entry),
                     author_text(entry), reason.empty() ? "" : ": " + reason);
}

std::string history_text(const std::vector<HistoryEntry>& entries, const TextStyle& style) {
  if (entries.empty()) return "Nothing is remembered.\n";
  const std::size_t all = entries.size();
  const std::size_t shown = style.limit == 0 ? all : std::min(style.limit, all);
  std::string text;
  if (shown < all) text += fmt::format("… {} earlier ones; --all shows them\n", with_separators(all - shown));
  constexpr std::size_t indent = 4;
  for (std::size_t i = all - shown; i < all; ++i) {
    const std::string line = escaped(history_line(entries[i]));
    const bool wraps = style.columns > 2 * indent;
    text += (wraps ? wrapped(line, style.columns - indent, indent, style.columns) : line) + "\n";
  }
  return text;
}

ordered_json history_json(const std::vector<HistoryEntry>& entries) {
  ordered_json list = ordered_json::array();
  for (const HistoryEntry& entry : entries) {
    ordered_json one{{"at", entry.at},         {"platform", entry.platform},
                     {"person", entry.person}, {"account", entry.account},
                     {"label", entry.label},   {"act", entry.act},
                     {"what", entry.what},     {"before", entry.before},
                     {"now", entry.now},       {"by", entry.by_usher() ? "usher" : entry.platform}};
    if (entry.by_usher()) {
      one["run"] = entry.run;
      one["actor"] = entry.actor;
      one["reason"] = entry.reason;
      one["approvals"] = entry.approvals;
      one["state"] = entry.state;
      one["because"] = entry.because;
      one["rule"] = entry.rule;
      if (!entry.message.empty()) one["message"] = entry.message;
    } else {
      one["after"] = entry.after;
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace usher
