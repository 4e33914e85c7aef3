#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/notifying.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/planning.hpp"
#include "engine/cli/state.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/report/waves_text.hpp"

namespace usher::cli {

namespace {

ExitCode plan_and_carry_out(const Call& call, RunNews& news) {
  const bool ask = !call.arguments.flag("yes");
  if (ask && !call.console.in_is_terminal)
    throw CommandError(
        ExitCode::usage,
        "Standard input is not a terminal, so nobody can be asked whether to apply what is planned. "
        "Give --yes, or apply a plan that was looked at: `usher plan --out FILE`, then "
        "`usher apply FILE`.");
  const Refresh wanted = refresh(call.arguments);
  const WaveRules waves = wave_rules(call.arguments);
  Session session(call.common(), call.progress, call.stop);
  const auto pulls = pull_platforms(call, session, wanted);
  const Plan plan = session.plan(call.arguments.values("only"));
  const bool asks = ask && held_operations(plan) < plan.operations.size();
  const auto question = asks ? std::optional(apply_question(plan)) : std::nullopt;
  if (!agreed(call, session, plan, question, waves_preview(plan, waves))) {
    call.console.err << "Nothing was applied.\n";
    return ExitCode::changes_pending;
  }
  call.console.out << (call.wants_text() ? "\n" : "");
  return carry_out(call, session, plan, pulls, news, waves);
}

ExitCode apply(const Call& call, RunNews& news) {
  check_report_file(call);
  if (call.arguments.operands().empty()) return plan_and_carry_out(call, news);
  if (!call.arguments.values("only").empty())
    throw CommandError(ExitCode::usage,
                       "A saved plan is applied as it is: give --only to `usher plan --out`.");
  const WaveRules waves = wave_rules(call.arguments);
  const Plan plan = saved_plan(call, call.arguments.operands().front());
  Session session(call.common(), call.progress, call.stop);
  const ApplyReport report = session.apply(plan, waves);
  news.end({}, plan, report);
  return conclude(call, plan, report, {});  // the plan is not shown: what it holds is not told at length
}

ExitCode run_apply(const Call& call) {
  return notifying(call, "apply", [&](RunNews& news) { return apply(call, news); });
}

constexpr std::array apply_options{
    Option{"yes", 'y', {}, "do not ask"},
    only_option,
    pull_option,
    offline_option,
    reason_option,
    report_option,
    plan_output_option,
    metrics_option,
    waves_option,
    gate_option,
    gate_timeout_option,
    stop_at_option,
};
constexpr std::array apply_operands{Operand{"PLAN"}};

}  // namespace

const Command apply_command{
    .name = "apply",
    .summary = "carry out a plan",
    .examples =
        "  usher apply friday.plan   # exactly what was saved, without a question\n"
        "  usher apply               # plan, show, ask, carry out\n"
        "  usher apply --yes         # the same without a question\n"
        "  usher apply friday.plan --waves 10,100,10% --gate ./check.sh   # some first\n",
    .about =
        "Carries out a plan: a file that `usher plan --out` wrote, or a plan in the state, given by the "
        "beginning of its digest. A saved plan is applied exactly as saved. It is refused if it no "
        "longer belongs to this configuration and state. Without PLAN the command plans, shows the plan "
        "and asks.\n\n"
        "Operations that a guard holds are not done. Every operation is in the journal before its "
        "request is sent. After an interruption or a crash, run the command again: unknown outcomes are "
        "determined by reading the account back.\n\n" USHER_ABOUT_WAVES
        "\n\n"
        "A report (--report, --output html, markdown or csv) tells what was planned and what became of it. "
        "With --output other than text the plan and the question stand on standard error.\n\n"
        "Ends with 0 when everything is done, 1 when operations failed and none was done, 3 when some "
        "operations failed or were kept back after a wave, or somebody gets nothing or not everything "
        "although nobody decided that, 4 when a guard held some, 6 when the plan is stale, 9 when it was "
        "interrupted.",
    .options = apply_options,
    .operands = apply_operands,
    .run = run_apply,
};

}  // namespace usher::cli
