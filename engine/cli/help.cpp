#include <fmt/format.h>

#include <array>

#include "engine/cli/commands.hpp"
#include "engine/cli/help_text.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

ExitCode run_help(const Call& call) {
  if (call.arguments.operands().empty()) {
    call.print(overview_help());
    return ExitCode::done;
  }
  const std::string& topic = call.arguments.operands().front();
  const auto text = topic_help(topic);
  if (!text)
    throw CommandError(ExitCode::usage, fmt::format("There is no help on '{}'{}\nSee 'usher help'.",
                                                    escaped(topic), did_you_mean(topic, help_topics(), ".")));
  call.print(*text);
  return ExitCode::done;
}

constexpr std::array help_operands{Operand{"TOPIC"}};

}  // namespace

const Command help_command{
    .name = "help",
    .summary = "explain a command, common options, exit codes or the environment",
    .examples =
        "  usher help plan\n"
        "  usher help exit-codes\n",
    .about = "Explains a command or a topic: options, exit-codes, environment.",
    .options = {},
    .operands = help_operands,
    .run = run_help,
};

}  // namespace usher::cli
