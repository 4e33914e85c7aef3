#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/plan_file.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/planning.hpp"

namespace usher::cli {

namespace {

ExitCode run_plan(const Call& call) {
  const Refresh wanted = refresh(call.arguments);
  check_report_file(call);
  const auto file = call.arguments.find("out");
  if (file) expect_plan_file(*file);
  Session session(call.common(), call.progress, call.stop);
  const auto pulls = pull_platforms(call, session, wanted);
  const Plan plan = session.plan(call.arguments.values("only"));
  if (file) write_plan(*file, plan);
  Conditions conditions = conditions_of(pulls);
  conditions.add(conditions_of(plan));
  const std::string problem = try_report_file(call, plan, conditions);
  if (call.json()) {
    call.print_json(plan_json(plan, conditions), plan);
  } else if (!printed_as_report(call, plan, conditions.code())) {
    call.show(plan_text(call, plan));
  }
  if (!problem.empty()) call.say_problem(problem);
  return ended(call, conditions);
}

constexpr std::array plan_options{
    Option{.name = "out",
           .value = "FILE",
           .about = "write the plan to this file, for `usher apply FILE`",
           .writes = true},
    report_option,
    plan_output_option,
    only_option,
    pull_option,
    offline_option,
    metrics_option,
};

}  // namespace

const Command plan_command{
    .name = "plan",
    .summary = "show what would change, and why; writes to no platform",
    .examples =
        "  usher plan                     # read what may have changed, and plan\n"
        "  usher plan --out friday.plan   # keep it, for `usher apply friday.plan`\n"
        "  usher plan --output json | jq .summary\n"
        "  usher plan --output markdown > comment.md    # for a merge request\n",
    .about =
        "Computes how every account differs from what the rules want, and prints each difference with "
        "its reason: first a summary, then what a guard holds and how to approve it, then what cannot be "
        "done, then the changes, removals first. The same snapshots and rules give the same plan, byte "
        "for byte.\n\n"
        "Before planning it reads files that changed and platforms that were never pulled or were "
        "written to since their last pull; --pull reads all of them, --offline none. If one of them "
        "cannot be read, for instance because a file is missing, the command ends: an earlier pull is "
        "used only on request.\n\n"
        "With --only the plan covers only these people. Guards still count everybody: what they hold of "
        "the whole plan is also held here.\n\n"
        "Ends with 0 when there is nothing to do, 2 when there are changes, 3 when somebody gets nothing "
        "or not everything although nobody decided that, 4 when a guard holds some changes, 8 when a "
        "pull is incomplete.",
    .options = plan_options,
    .operands = {},
    .run = run_plan,
};

}  // namespace usher::cli
