#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "rules/config.hpp"

namespace usher::cli {

namespace {

ExitCode run_schema(const Call& call) {
  call.print(config_json_schema());
  return ExitCode::done;
}

}  // namespace

const Command schema_command{
    .name = "schema",
    .summary = "print the JSON Schema of the configuration, for editors",
    .examples =
        "  usher schema > usher.schema.json\n"
        "  # then, as the first line of usher.yaml:\n"
        "  # yaml-language-server: $schema=usher.schema.json\n",
    .about =
        "Prints the JSON Schema (draft 2020-12) of the configuration: an editor that knows it completes "
        "keys, "
        "explains them and marks mistakes while one types. It is made from the same table that `usher "
        "validate` "
        "checks against.",
    .options = {},
    .operands = {},
    .run = run_schema,
};

}  // namespace usher::cli
