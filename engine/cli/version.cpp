#include "engine/runtime/version.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"

namespace usher::cli {

namespace {

ExitCode run_version(const Call& call) {
  if (call.json()) {
    call.print_json({{"report", "version"},
                     {"exit", exit_json(ExitCode::done)},
                     {"version", version()},
                     {"revision", revision()},
                     {"planning_sources", planning_sources()}});
  } else {
    call.print(fmt::format("{}\n", version_text()));
  }
  return ExitCode::done;
}

}  // namespace

const Command version_command{
    .name = "version",
    .summary = "show the version",
    .examples = "  usher version --output json\n",
    .about =
        "Shows the version of this program and the git revision it was built from. JSON adds a digest of "
        "the sources that determine the content of a plan: a saved plan is applied only by a program "
        "with the same digest.",
    .options = {},
    .operands = {},
    .run = run_version,
};

}  // namespace usher::cli
