#include "engine/report/status_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"

namespace usher {

namespace {

/// The worst thing found and what there is to say of everything found.
struct Findings {
  CheckCode code = CheckCode::ok;
  std::vector<std::string> messages;

  void add(CheckCode found, std::string message) {
    code = std::max(code, found);
    messages.push_back(std::move(message));
  }
};

std::uint64_t open_count(const Status& status) {
  return status.open_operations.unsent + status.open_operations.uncertain;
}

void check_platform(const Status::Platform& platform, std::int64_t now, std::int64_t max_age,
                    Findings& findings) {
  const std::string& name = platform.last.name;
  if (platform.last_sealed_at.empty()) {
    findings.add(CheckCode::critical, fmt::format("{} was never read completely", name));
    return;
  }
  const std::int64_t age = now - seconds_of(platform.last_sealed_at);
  if (age > max_age)
    findings.add(CheckCode::critical, fmt::format("{} was last read completely {} ago", name,
                                                  duration_text(static_cast<double>(age))));
}

/// The newest run of all, where it never ended.
void check_unended_run(const Status& status, std::int64_t now, std::int64_t max_age, Findings& findings) {
  if (status.runs.empty() || status.runs.front().exit_code) return;
  const RunState& run = status.runs.front();
  const std::int64_t age = now - seconds_of(run.started_at);
  if (age > max_age)
    findings.add(CheckCode::critical, fmt::format("run {} ({}) began {} ago and never ended", run.id,
                                                  run.command, duration_text(static_cast<double>(age))));
}

void check_ended_run(const RunState& run, Findings& findings) {
  const auto code = static_cast<ExitCode>(*run.exit_code);
  const std::string ended = fmt::format("run {} ({}) ended as {}", run.id, run.command, name(code));
  switch (code) {
    case ExitCode::done:
    case ExitCode::changes_pending:
      return;
    case ExitCode::done_in_part:
    case ExitCode::lane_held:
    case ExitCode::plan_stale:
    case ExitCode::time_budget:
    case ExitCode::locked:
      findings.add(CheckCode::warning, ended);
      return;
    default:
      findings.add(CheckCode::critical, ended);
  }
}

/// The latest pull and the latest apply, however many others came after them; and the latest of each other
/// command only where no apply came after it: an apply plans anew, and does what they left.
void check_latest_runs(const std::vector<RunState>& latest, Findings& findings) {
  std::set<std::string> seen;
  for (const RunState& run : latest) {  // newest first
    if (!run.exit_code || !seen.insert(run.command).second) continue;
    const bool counts = run.command == "pull" || run.command == "apply" || !seen.contains("apply");
    if (counts) check_ended_run(run, findings);
  }
}

/// One line; '|' ends what people read of it, and performance data begins.
std::string line_of(CheckCode code, const std::string& message, const std::string& data) {
  constexpr const char* names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  std::string said = message;
  std::replace(said.begin(), said.end(), '\n', ' ');
  std::replace(said.begin(), said.end(), '|', '/');
  return fmt::format("USHER {} - {}{}", names[static_cast<int>(code)], escaped(said),
                     data.empty() ? "" : "|" + data);
}

/// "'iot_age'=120s;;93600;0 'iot_accounts'=310"
std::string performance_data(const Status& status, std::int64_t now, std::int64_t max_age) {
  std::string text;
  for (const Status::Platform& platform : status.platforms) {
    std::string name;  // a label may hold no quote and no equals sign
    for (const char c : platform.last.name) name += c == '\'' || c == '=' ? '_' : c;
    if (!platform.last_sealed_at.empty())
      text += fmt::format(" '{}_age'={}s;;{};0", name,
                          std::max<std::int64_t>(0, now - seconds_of(platform.last_sealed_at)), max_age);
    text += fmt::format(" '{}_accounts'={}", name, platform.last.accounts);
  }
  return fmt::format("'open_operations'={}{}", open_count(status), text);
}

}  // namespace

StatusCheck check_status(const Status& status, const std::vector<RunState>& latest, std::int64_t now,
                         std::int64_t max_age, const std::vector<std::string>& also) {
  Findings findings;
  if (status.platforms.empty()) findings.add(CheckCode::unknown, "nothing was ever pulled");
  for (const Status::Platform& platform : status.platforms) check_platform(platform, now, max_age, findings);
  check_unended_run(status, now, max_age, findings);
  check_latest_runs(latest, findings);
  if (open_count(status) > 0)
    findings.add(CheckCode::warning, fmt::format("the outcome of {} is not known yet",
                                                 pluralised(open_count(status), "operation", "operations")));
  for (const std::string& warning : also) findings.add(CheckCode::warning, warning);
  if (findings.messages.empty())
    findings.messages.push_back(
        fmt::format("{} read completely", pluralised(status.platforms.size(), "platform", "platforms")));
  std::string said;
  for (const std::string& message : findings.messages) said += (said.empty() ? "" : "; ") + message;
  return {findings.code, line_of(findings.code, said, performance_data(status, now, max_age))};
}

StatusCheck check_unreadable(CheckCode code, const std::string& message) {
  return {code, line_of(code, message, {})};
}

}  // namespace usher
