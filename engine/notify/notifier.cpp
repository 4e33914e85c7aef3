#include "engine/notify/notifier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/notify/delivery.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"

namespace usher {

namespace {

constexpr std::size_t lines_told = 20;

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// "usher: held for the 3rd run, since …: iot: … and 2 more"
std::string first_line(const Notice& notice, const NotifyMemory::Entry& entry, const NoticeOrigin& origin) {
  std::string text = fmt::format("usher {} on {} ({})", to_string(notice.kind), origin.host,
                                 std::filesystem::path(origin.configuration).filename().string());
  if (entry.runs > 1) text += fmt::format(" for the {} run, since {}", ordinal(entry.runs), entry.since);
  text += ": " + one_line(notice.lines.front());
  if (notice.lines.size() > 1) text += fmt::format(" and {} more", notice.lines.size() - 1);
  return text;
}

std::string body_of(const Notice& notice, const NotifyMemory::Entry& entry, const NoticeOrigin& origin) {
  std::string text = first_line(notice, entry, origin);
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  if (entry.runs == 1 || entry.told_at.empty())  // news that go on are one line
    for (std::size_t i = 0; i < std::min(notice.lines.size(), lines_told); ++i)
      lines.push_back(notice.lines[i]);
  nlohmann::ordered_json body{{"event", to_string(notice.kind)},
                              {"text", text},
                              {"lines", lines},
                              {"causes", notice.lines.size()},
                              {"runs", entry.runs},
                              {"since", entry.since},
                              {"command", origin.command},
                              {"configuration", origin.configuration},
                              {"host", origin.host},
                              {"run", origin.run},
                              {"exit", {{"code", origin.exit_code}, {"name", origin.exit_name}}},
                              {"at", origin.at}};
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

bool is_due(const NotifyMemory::Entry& entry, const NotifyRule& rule, const std::string& now) {
  if (entry.told_at.empty()) return true;
  const std::int64_t passed = seconds_of(now) - seconds_of(entry.told_at);
  return passed >= rule.repeat.count() || passed < 0;  // a clock that was set back delays nothing
}

}  // namespace

std::vector<Notification> notify(const std::vector<NotifyRule>& rules, const NewsFor& news,
                                 const std::set<NoticeKind>& judged, const NoticeOrigin& origin,
                                 NotifyMemory& memory, std::stop_token stop) {
  std::vector<Notification> told;
  for (const NotifyRule& rule : rules) {
    std::set<NoticeKind> gone = judged;
    bool reachable = true;
    for (const Notice& notice : news(rule)) {
      if (!rule.on.contains(notice.kind)) continue;
      gone.erase(notice.kind);
      NotifyMemory::Entry& entry = memory.see(rule.name, notice, origin.at);
      if (!is_due(entry, rule, origin.at) || !reachable) continue;
      std::string failure = deliver(rule, body_of(notice, entry, origin), to_string(notice.kind),
                                    first_line(notice, entry, origin), stop);
      reachable = failure.empty();
      if (reachable) entry.told_at = origin.at;
      told.push_back({rule.name, notice.kind, std::move(failure)});
    }
    for (const NoticeKind kind : gone) memory.forget(rule.name, kind);
  }
  return told;
}

}  // namespace usher
