#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/planning.hpp"

namespace usher::cli {

namespace {

/// What was stopped is no incomplete source: the same command goes on.
ExitCode interrupted(const Call& call, const Conditions& conditions) {
  return ended(call, conditions.has(ExitCode::time_budget) ? Conditions(ExitCode::time_budget) : conditions);
}

ExitCode run_pull(const Call& call) {
  Session session(call.common(), call.progress, call.stop);
  const auto reports = session.pull(call.arguments.operands(), Refresh::all);
  Conditions conditions = conditions_of(reports);
  if (call.stop.stop_requested()) conditions.add(ExitCode::time_budget);
  if (call.json()) {
    call.print_json(pull_json(reports, conditions));
  } else {
    call.print(pull_text(reports, call.style()));
  }
  return interrupted(call, conditions);
}

constexpr std::array pull_options{metrics_option};
constexpr std::array pull_operands{Operand{"PLATFORM", false, true}};

}  // namespace

const Command pull_command{
    .name = "pull",
    .summary = "read what the platforms hold into the state",
    .examples =
        "  usher pull             # every platform\n"
        "  usher pull hr iot      # these two\n",
    .about =
        "Reads every account of the named platforms, or of all, and publishes the result as the next "
        "generation of each platform's snapshot. A snapshot is complete when the pull proved that it saw "
        "everything; only a complete one is evidence that somebody is absent. An aborted pull does not "
        "change the last snapshot.\n\n"
        "Ends with 8 when a pull is not complete, with 69 or 77 when a platform could not be reached or "
        "refused the credentials, with 9 when it was interrupted.",
    .options = pull_options,
    .operands = pull_operands,
    .run = run_pull,
};

}  // namespace usher::cli
