#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/notifying.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/planning.hpp"

namespace usher::cli {

namespace {

/// Whether the text of the run says what was not read, so that the log need not: a cron mail holds both. The
/// journal, and programs that read the log, get each event in it.
bool text_tells_unread(const Call& call) {
  return call.arguments.flag("quiet") && call.arguments.text("output") == "text" &&
         !call.console.err_is_journal && call.arguments.text("log-format") != "json";
}

/// A plan and what carrying it out came to. Where that breaks off, no text tells what was not read.
std::pair<Plan, ApplyReport> planned_and_applied(const Call& call, Session& session, const WaveRules& waves,
                                                 const std::vector<PullReport>& pulls) {
  try {
    Plan plan = session.plan(call.arguments.values("only"));
    ApplyReport applied = session.apply(plan, waves);
    return {std::move(plan), std::move(applied)};
  } catch (...) {
    if (text_tells_unread(call)) log_unread(pulls);
    throw;
  }
}

/// False: as something else than text.
bool print_sync(const Call& call, const std::vector<PullReport>& pulls, const Plan& plan,
                const ApplyReport& applied, const Conditions& conditions, const PlanOutcome& outcome) {
  if (printed_as_report(call, plan, conditions.code(), &outcome)) return false;
  if (call.json()) {
    auto whole = nlohmann::ordered_json{{"report", "sync"},
                                        {"exit", exit_json(conditions.code())},
                                        {"conditions", conditions_json(conditions)}};
    whole["pull"] = pull_json(pulls, conditions_of(pulls));
    whole["plan"] = plan_json(plan, conditions_of(plan));
    whole["apply"] = apply_json(applied, plan, conditions_of(applied, plan));
    call.print_json(whole, plan);
    return false;
  }
  const TextStyle style = call.style(fmt::format("usher show --all {}", applied.run));
  // For cron: whoever asked for quiet gets a short mail, and only when somebody must look.
  if (call.arguments.flag("quiet"))
    call.print(brief_text(pulls, plan, applied, style));
  else
    call.show(pull_text(pulls, style) + "\n" + plan_text(call, plan) + "\n" +
              apply_text(applied, plan, style));
  return true;
}

ExitCode sync(const Call& call, RunNews& news) {
  check_report_file(call);
  const WaveRules waves = wave_rules(call.arguments);
  Session session(call.common(), call.progress, call.stop);
  const auto pulls = pull_platforms(call, session, Refresh::all, {}, !text_tells_unread(call));
  const auto [plan, applied] = planned_and_applied(call, session, waves, pulls);
  Conditions conditions = conditions_of(pulls);
  conditions.add(conditions_of(applied, plan));
  news.end(pulls, plan, applied);
  const PlanOutcome outcome = outcome_of(plan, applied);
  const std::string problem = try_report_file(call, plan, conditions, &outcome);
  if (print_sync(call, pulls, plan, applied, conditions, outcome)) told_at_length(call, session, applied);
  if (!problem.empty()) call.say_problem(problem);
  return ended(call, conditions);
}

ExitCode run_sync(const Call& call) {
  return notifying(call, "sync", [&](RunNews& news) { return sync(call, news); });
}

constexpr std::array sync_options{only_option,        reason_option,       report_option,
                                  plan_output_option, metrics_option,      waves_option,
                                  gate_option,        gate_timeout_option, stop_at_option};

}  // namespace

const Command sync_command{
    .name = "sync",
    .summary = "pull, plan and apply without a question, for cron",
    .examples =
        "  usher sync --quiet        # says nothing when nobody need look\n"
        "  usher sync --output json --log-format json\n"
        "  usher sync --waves 10,100 --gate ./check.sh   # ten people first\n"
        "  usher sync --quiet --report /srv/www/usher.html   # what was done, for people\n"
        "  usher sync --quiet --metrics-file /var/lib/prometheus/node-exporter/usher.prom\n",
    .about =
        "Reads every platform, plans, and carries out what no guard holds. Two of them never work on the "
        "same state: the second one ends with 7 and names the first.\n\n"
        "With --quiet it prints nothing when nobody need look. Otherwise it prints how much was done and "
        "one line for each cause: what was not read, what a guard holds, and what is not done although "
        "nobody decided that. What a guard holds again, and an earlier run reported as text, is one "
        "line, with the number of runs it has waited and since when.\n\n" USHER_ABOUT_WAVES
        " The next sync plans what is left, in waves of its own.\n\n"
        "Ends with 0 when everything is as wanted, 1 when operations failed and none was done, 3 when "
        "some operations failed or were kept back after a wave, or somebody gets nothing or not "
        "everything although nobody decided that, 4 when a guard held some, 8 when a pull is incomplete, "
        "69 or 77 when a platform could not be reached or refused the credentials, 9 when it was "
        "interrupted: the next one continues.",
    .options = sync_options,
    .operands = {},
    .run = run_sync,
};

}  // namespace usher::cli
