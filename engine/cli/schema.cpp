#include <fmt/format.h>

#include <array>

#include "connectors/recipe/recipe_shape.hpp"
#include "engine/cli/commands.hpp"
#include "rules/config.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

ExitCode run_schema(const Call& call) {
  const auto& words = call.arguments.operands();
  const std::string of = words.empty() ? "configuration" : words.front();
  if (of == "configuration") {
    call.print(config_json_schema());
  } else if (of == "recipe") {
    call.print(recipe::recipe_json_schema());
  } else {
    throw CommandError(ExitCode::usage,
                       fmt::format("`usher schema` takes configuration or recipe, not '{}'{}", escaped(of),
                                   did_you_mean(of, {"configuration", "recipe"}, ".")));
  }
  return ExitCode::done;
}

constexpr std::array schema_operands{Operand{"configuration|recipe"}};

}  // namespace

const Command schema_command{
    .name = "schema",
    .summary = "print the JSON Schema of the configuration or of recipes, for editors",
    .examples =
        "  usher schema > usher.schema.json\n"
        "  # then, as the first line of usher.yaml:\n"
        "  # yaml-language-server: $schema=usher.schema.json\n"
        "  usher schema recipe > usher-recipe.schema.json\n",
    .about =
        "Prints the JSON Schema (draft 2020-12) of the configuration, or of recipes: an editor that knows it "
        "completes keys, explains them and marks mistakes while one types. It is made from the same table "
        "that "
        "`usher validate`, or `usher connector lint`, reads by. What it allows can still be wrong in what "
        "only "
        "they see, such as an expression. The Debian package installs both in `/usr/share/usher/schemas`.",
    .options = {},
    .operands = schema_operands,
    .run = run_schema,
};

}  // namespace usher::cli
