#include "engine/runtime/version.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"

namespace usher::cli {

namespace {

ExitCode run_version(const Call& call) {
  if (call.json()) {
    call.print_json({{"report", "version"}, {"exit", exit_json(ExitCode::done)}, {"version", version()}});
  } else {
    call.print(fmt::format("usher {}\n", version()));
  }
  return ExitCode::done;
}

}  // namespace

const Command version_command{
    .name = "version",
    .summary = "show the version",
    .examples = "  usher version --output json\n",
    .about = "Shows the version of this program.",
    .options = {},
    .operands = {},
    .run = run_version,
};

}  // namespace usher::cli
