#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/planning.hpp"

namespace usher::cli {

namespace {

ExitCode run_pull(const Call& call) {
  Session session(call.common(), call.progress, call.stop);
  const auto reports = session.pull(call.arguments.operands(), Refresh::all);
  const ExitCode code = exit_code(reports);
  if (call.json()) {
    call.print_json(pull_json(reports, code));
  } else {
    call.print(pull_text(reports, call.style()));
  }
  return code;
}

constexpr std::array pull_operands{Operand{"PLATFORM", false, true}};

}  // namespace

const Command pull_command{
    .name = "pull",
    .summary = "read what the platforms hold into the state",
    .examples =
        "  usher pull             # every platform\n"
        "  usher pull hr iot      # these two\n",
    .about =
        "Reads every account of the named platforms, or of all, and publishes what was read as the "
        "next generation of each platform's snapshot. A snapshot is sealed when the pull proved that "
        "it saw everything; only a sealed one is evidence that somebody is absent. A pull that breaks "
        "off changes nothing that was known before.\n\n"
        "Ends with 8 when a pull is not sealed, with 69 or 77 when a platform could not be reached or "
        "refused the credentials.",
    .options = {},
    .operands = pull_operands,
    .run = run_pull,
};

}  // namespace usher::cli
