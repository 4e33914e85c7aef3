#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/planning.hpp"

namespace usher::cli {

namespace {

void print_sync(const Call& call, const std::vector<PullReport>& pulls, const Plan& plan,
                const ApplyReport& applied, ExitCode code) {
  if (call.json()) {
    auto whole = nlohmann::ordered_json{{"report", "sync"}, {"exit", exit_json(code)}};
    whole["pull"] = pull_json(pulls, exit_code(pulls));
    whole["plan"] = plan_json(plan, exit_code(plan));
    whole["apply"] = apply_json(applied, plan, exit_code(applied, plan));
    call.print_json(whole, plan);
    return;
  }
  // For cron: whoever asked for quiet gets mail only when something happened or somebody must look.
  if (call.arguments.flag("quiet") && code == ExitCode::done && plan.operations.empty()) return;
  const TextStyle style = call.style(fmt::format("usher show --all {}", applied.run));
  call.print(pull_text(pulls, style) + "\n" + plan_text(call, plan) + "\n" +
             apply_text(applied, plan, style));
}

ExitCode run_sync(const Call& call) {
  Session session(call.common(), call.progress, call.stop);
  const auto pulls = pull_platforms(call, session, Refresh::all);
  const Plan plan = session.plan(call.arguments.values("only"));
  const ApplyReport applied = session.apply(plan);
  const ExitCode code = first_failure(exit_code(applied, plan), exit_code(pulls));
  print_sync(call, pulls, plan, applied, code);
  return code;
}

constexpr std::array sync_options{only_option};

}  // namespace

const Command sync_command{
    .name = "sync",
    .summary = "pull, plan and apply without a question, for cron",
    .examples =
        "  usher sync --quiet        # says nothing when there was nothing to do\n"
        "  usher sync --output json --log-format json\n",
    .about =
        "Reads every platform anew, plans, and carries out what no guard holds. Two of them never "
        "work on the same state: the second one ends with 7 and names the first.\n\n"
        "Ends with 0 when everything is as wanted, 3 when some operations failed, 4 when a guard held "
        "some, 8 when a pull is incomplete, 9 when it was interrupted: the next one goes on.",
    .options = sync_options,
    .operands = {},
    .run = run_sync,
};

}  // namespace usher::cli
