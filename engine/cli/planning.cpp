#include "engine/cli/planning.hpp"

#include <fmt/format.h>

#include <istream>
#include <ostream>

#include "engine/cli/notifying.hpp"
#include "engine/runtime/log.hpp"

namespace usher::cli {

namespace {

void say_troubles(const PullReport& report) {
  LogEvent event{.level = LogLevel::warning, .platform = report.platform, .action = "pull"};
  event.reason = report.failure ? describe(*report.failure) : report.why_not;
  if (report.failure) {
    event.level = LogLevel::error;
    event.message = "nobody is taken for absent there";
  } else if (!report.sealed) {
    event.message = "not complete: nobody is taken for absent there";
  }
  if (report.failure || !report.sealed) log(event);
  for (const BadRecord& bad : report.bad)
    log({.level = LogLevel::warning,
         .platform = report.platform,
         .object = bad.where,
         .action = "read",
         .reason = bad.why});
}

}  // namespace

Refresh refresh(const Arguments& arguments) {
  if (arguments.flag("pull") && arguments.flag("offline"))
    throw CommandError(ExitCode::usage, "--pull and --offline exclude each other.");
  if (arguments.flag("pull")) return Refresh::all;
  return arguments.flag("offline") ? Refresh::nothing : Refresh::needed;
}

std::vector<PullReport> pull_platforms(const Call& call, Session& session, Refresh refresh,
                                       const std::vector<std::string>& platforms) {
  auto reports = session.pull(platforms, refresh);
  if (call.stop.stop_requested()) {
    const bool late = call.deadline != nullptr && call.deadline->passed();
    throw CommandError(ExitCode::time_budget,
                       fmt::format("{} while pulling. Nothing was written to a platform.",
                                   late ? "The deadline passed" : "Interrupted"));
  }
  for (const PullReport& report : reports) say_troubles(report);
  return reports;
}

bool agreed(const Call& call, std::string_view question) {
  call.console.err << question << " Only 'yes' does: " << std::flush;
  std::string answer;
  if (call.console.wait_for_input(call.stop)) std::getline(call.console.in, answer);
  return answer == "yes";
}

ExitCode carry_out(const Call& call, Session& session, const Plan& plan, const std::vector<PullReport>& pulls,
                   RunNews* news) {
  const ApplyReport report = session.apply(plan);
  if (news != nullptr) news->end(pulls, plan, report);
  return conclude(call, plan, report, pulls);
}

ExitCode conclude(const Call& call, const Plan& plan, const ApplyReport& report,
                  const std::vector<PullReport>& pulls) {
  Conditions conditions = conditions_of(report, plan);
  conditions.add(conditions_of(pulls));
  if (call.json()) {
    call.print_json(apply_json(report, plan, conditions));
  } else {
    call.print(apply_text(report, plan, call.style(fmt::format("usher show --all {}", report.run))));
  }
  return ended(call, conditions);
}

std::string plan_text(const Call& call, const Plan& plan) {
  return usher::plan_text(plan, call.style("usher show --all " + plan.digest.substr(0, 12)));
}

ExitCode ended(const Call& call, const Conditions& conditions) {
  const bool expected = conditions.all().empty() || conditions.all().front() == ExitCode::changes_pending;
  if (!expected) write_problem(call.console, "usher: ends with " + to_string(conditions));
  return conditions.code();
}

}  // namespace usher::cli
