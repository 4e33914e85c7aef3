#include "engine/check/health_check.hpp"
#include "engine/report/doctor_report.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "engine/cli/commands.hpp"
#include "state/store/error.hpp"

namespace usher::cli {

namespace {

ExitCode run_doctor(const Call& call) {
  const CommonOptions options = call.common();
  const auto setup = open_workspace(options, Secrets::resolve);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  std::optional<Database> state;
  try {
    state.emplace(options.state.value_or(setup->config->state), Access::read, "usher");
  } catch (const StoreError& error) {
    if (error.kind() != StoreErrorKind::missing) throw;
  }
  const std::vector<Finding> findings = examine(*setup, state ? &*state : nullptr, call.stop);
  if (call.json()) {
    call.print_json(doctor_json(findings));
  } else {
    call.print(doctor_text(findings, call.style()));
  }
  return exit_code(findings);
}

}  // namespace

const Command doctor_command{
    .name = "doctor",
    .summary = "check every platform and the state",
    .examples =
        "  usher doctor\n"
        "  usher doctor --output json | jq '.findings[] | select(.level != \"good\")'\n",
    .about =
        "Checks every platform, all in parallel: whether it answers and accepts the credentials, as "
        "which account usher works there, whether that account may change the memberships that the rules "
        "name (where a platform can tell), whether the groups that the rules name exist, and whether its "
        "clock agrees with ours. Lists what the platform cannot do and the rules only report. Then "
        "checks the state: whether the file is intact, whether every platform was read completely, and "
        "whether the outcome of an operation is unknown. Changes nothing.\n\n"
        "Ends with 0 when nothing is wrong, 69 when a platform cannot be reached, 77 when one does not "
        "accept the credentials, 1 for anything else that is wrong, 78 when the configuration has "
        "mistakes.",
    .options = {},
    .operands = {},
    .run = run_doctor,
};

}  // namespace usher::cli
