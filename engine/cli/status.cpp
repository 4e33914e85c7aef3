#include "state/store/status.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/planning.hpp"
#include "engine/cli/state.hpp"
#include "engine/report/status_report.hpp"
#include "engine/runtime/time.hpp"

namespace usher::cli {

namespace {

ExitCode run_status(const Call& call) {
  Database database = open_state(call);
  const Status status = read_status(database, call.arguments.number("runs"));
  if (call.json()) {
    call.print_json(status_json(status, ExitCode::done));
  } else {
    call.print(status_text(status, now_text(), call.style()));
  }
  return ExitCode::done;
}

constexpr std::array status_options{
    Option{"runs", 0, "N", "how many of the last runs are shown", "10"},
};

}  // namespace

const Command status_command{
    .name = "status",
    .summary = "show what the state knows: snapshots, links, runs",
    .examples =
        "  usher status\n"
        "  usher status --output json | jq '.platforms[] | select(.sealed | not)'\n",
    .about =
        "Shows for every platform when it was last pulled, whether that pull is sealed and if not "
        "why, how many accounts it found and how many of them belong to a person; then the last runs "
        "and how they ended; then operations that were sent and not confirmed. Reads only the state, "
        "also while another usher works on it.",
    .options = status_options,
    .operands = {},
    .run = run_status,
};

}  // namespace usher::cli
