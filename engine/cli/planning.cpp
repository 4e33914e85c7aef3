#include "engine/cli/planning.hpp"

#include <fmt/format.h>

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "engine/cli/notifying.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/runtime/log.hpp"

namespace usher::cli {

namespace {

Portion portion_given(std::string_view option, const std::string& text, const char* example) {
  if (const auto portion = portion_of(text)) return *portion;
  throw CommandError(ExitCode::usage, fmt::format("--{} takes numbers and percentages such as {}, not '{}'.",
                                                  option, example, escaped(text)));
}

bool says_yes(const Call& call, std::string_view question) {
  call.console.err << question << " Only 'yes' does: " << std::flush;
  std::string answer;
  const bool answered = call.console.wait_for_input(call.stop) && std::getline(call.console.in, answer);
  if (!answered) call.console.err << "\n";
  if (call.stop.stop_requested())
    throw CommandError(ExitCode::time_budget, "Interrupted at the question. Nothing was done.");
  return answer == "yes";
}

}  // namespace

WaveRules wave_rules(const Arguments& arguments) {
  WaveRules rules;
  rules.stop_at = portion_given("stop-at", arguments.text("stop-at"), "5% or 3");
  rules.gate = arguments.text("gate");
  if (arguments.find("gate") && rules.gate.find_first_not_of(" \t\n") == std::string::npos)
    throw CommandError(ExitCode::usage, "--gate takes a command, and this is none: ''.");
  rules.gate_patience = arguments.duration("gate-timeout");
  const auto waves = arguments.find("waves");
  if (!waves) {
    for (const char* option : {"gate", "gate-timeout", "stop-at"})
      if (arguments.given(option))
        throw CommandError(ExitCode::usage,
                           fmt::format("--{} is of waves: give --waves, such as --waves 10,100.", option));
    return {};
  }
  if (rules.gate.empty() && arguments.given("gate-timeout"))
    throw CommandError(ExitCode::usage, "--gate-timeout is of a gate: give --gate COMMAND.");
  std::istringstream sizes(*waves + ",");
  for (std::string size; std::getline(sizes, size, ',');) {
    rules.sizes.push_back(portion_given("waves", size, "10,100,10%"));
    if (rules.sizes.back().number <= 0)
      throw CommandError(ExitCode::usage,
                         fmt::format("--waves: nobody is in a wave of '{}'.", escaped(size)));
  }
  return rules;
}

Refresh refresh(const Arguments& arguments) {
  if (arguments.flag("pull") && arguments.flag("offline"))
    throw CommandError(ExitCode::usage, "--pull and --offline exclude each other.");
  if (arguments.flag("pull")) return Refresh::all;
  return arguments.flag("offline") ? Refresh::nothing : Refresh::needed;
}

std::vector<PullReport> pull_platforms(const Call& call, Session& session, Refresh refresh,
                                       const std::vector<std::string>& platforms, bool logs_unread) {
  auto reports = session.pull(platforms, refresh);
  if (call.stop.stop_requested()) {
    const bool late = call.deadline != nullptr && call.deadline->passed();
    throw CommandError(ExitCode::time_budget,
                       fmt::format("{} while pulling. Nothing was written to a platform.",
                                   late ? "The deadline passed" : "Interrupted"));
  }
  if (logs_unread) log_unread(reports);
  for (const PullReport& report : reports)
    for (const BadRecord& bad : report.bad)
      log({.level = LogLevel::warning,
           .platform = report.platform,
           .object = bad.where,
           .action = "read",
           .reason = bad.why});
  return reports;
}

void log_unread(const std::vector<PullReport>& pulls) {
  for (const PullReport& report : pulls) {
    if (!report.failure && report.sealed) continue;
    LogEvent event{.level = LogLevel::warning, .platform = report.platform, .action = "pull"};
    if (report.failure) {
      event.level = LogLevel::error;
      event.reason = describe(*report.failure);
      event.message = "nobody is taken for absent there";
    } else {
      event.reason = report.why_not;
      event.message = "not complete: nobody is taken for absent there";
    }
    log(event);
  }
}

bool agreed(const Call& call, Session& session, const Plan& plan, const std::optional<std::string>& question,
            const std::string& more) {
  const std::string text = plan_text(call, plan) + (more.empty() ? "" : "\n") + more;
  if (question) {
    return session.while_others_work([&] {
      if (call.wants_text()) {
        call.show_now(text);
      } else {
        call.console.err << text;
      }
      return says_yes(call, *question);
    });
  }
  (call.wants_text() ? call.console.out : call.console.err) << text << std::flush;
  return true;
}

bool agreed(const Call& call, Session& session, std::string_view question) {
  return session.while_others_work([&] { return says_yes(call, question); });
}

ExitCode carry_out(const Call& call, Session& session, const Plan& plan, const std::vector<PullReport>& pulls,
                   RunNews& news, const WaveRules& waves) {
  const ApplyReport report = session.apply(plan, waves);
  news.end(pulls, plan, report);
  const ExitCode code = conclude(call, plan, report, pulls);
  if (call.wants_text()) told_at_length(call, session, report);
  return code;
}

void told_at_length(const Call& call, Session& session, const ApplyReport& report) {
  if (report.held.runs == 0 || report.held.told) return;
  call.console.out.flush();
  if (call.console.out) session.held_was_told();
}

ExitCode conclude(const Call& call, const Plan& plan, const ApplyReport& report,
                  const std::vector<PullReport>& pulls) {
  Conditions conditions = conditions_of(report, plan);
  conditions.add(conditions_of(pulls));
  const PlanOutcome outcome = outcome_of(plan, report);
  const std::string problem = try_report_file(call, plan, conditions, &outcome);
  if (call.json()) {
    call.print_json(apply_json(report, plan, conditions));
  } else if (!printed_as_report(call, plan, conditions.code(), &outcome)) {
    call.show(apply_text(report, plan, call.style(fmt::format("usher show --all {}", report.run))));
  }
  if (!problem.empty()) call.say_problem(problem);
  return ended(call, conditions);
}

std::string plan_text(const Call& call, const Plan& plan) {
  return usher::plan_text(plan, call.style("usher show --all " + plan.digest.substr(0, 12)));
}

ExitCode end_dry(const Call& call, const Plan& plan) {
  Conditions conditions = conditions_of(plan);
  const std::string problem = try_report_file(call, plan, conditions);
  if (call.json()) {
    call.print_json(plan_json(plan, conditions), plan);
  } else if (!printed_as_report(call, plan, conditions.code())) {
    call.show(plan_text(call, plan));
  }
  if (!problem.empty()) call.say_problem(problem);
  return ended(call, conditions);
}

ExitCode ended(const Call& call, const Conditions& conditions) {
  const bool expected = conditions.all().empty() || conditions.all().front() == ExitCode::changes_pending;
  if (!expected) call.say_problem("usher: ends with " + to_string(conditions));
  return conditions.code();
}

}  // namespace usher::cli
