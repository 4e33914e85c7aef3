#include "engine/cli/help_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/runtime/exit_code.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t width = 80;

/// Two columns; the second is wrapped.
std::string listing(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t first = 0;
  for (const auto& [left, right] : rows) first = std::max(first, left.size());
  std::string text;
  for (const auto& [left, right] : rows)
    text += fmt::format("  {:<{}}  {}\n", left, first, wrapped(right, width - first - 4, first + 4));
  return text;
}

std::string options_list(std::span<const Option> options) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Option& option : options) {
    std::string left = option.letter == 0 ? "    " : fmt::format("-{}, ", option.letter);
    left += fmt::format("--{}", option.name);
    if (!option.value.empty()) left += fmt::format("={}", option.value);
    std::string right(option.about);
    if (!option.standard.empty()) right += fmt::format(" (standard: {})", option.standard);
    rows.emplace_back(std::move(left), std::move(right));
  }
  return listing(rows);
}

std::string usage(const Command& command) {
  std::string line = fmt::format("usher {} [OPTION]...", command.name);
  for (const Operand& operand : command.operands) {
    const std::string word = std::string(operand.name) + (operand.repeats ? "..." : "");
    line += operand.required ? " " + word : " [" + word + "]";
  }
  return line;
}

std::string paragraphs(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    result += wrapped(text.substr(0, end), width, 0) + "\n";
    text.remove_prefix(std::min(end + 2, text.size()));
    if (!text.empty()) result += "\n";
  }
  return result;
}

std::string exit_codes_help() {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& [code, name, meaning] : exit_codes())
    rows.emplace_back(fmt::format("{:>2}  {}", static_cast<int>(code), name), std::string(meaning));
  return "How a command ends, in the shell's $? and as \"exit\" in every JSON result.\n\n" + listing(rows) +
         "\n" +
         paragraphs(
             "64, 78 and 7 end a command before anything is done. Otherwise it ends with the first of 77, "
             "69, 8, 4, 6, 9, 3, 1, 2 that is so, and with 0 when none is. One line on standard error and "
             "\"conditions\" in JSON results name all that are so. A second Ctrl-C ends a command at once, "
             "with 9 too. Any other code is a failure. For a systemd unit that plans or synchronises:") +
         "\n  SuccessExitStatus=2 9\n";
}

std::string environment_help() {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto add = [&rows](std::span<const Option> options) {
    for (const Option& option : options) {
      if (option.name == "help" || option.name == "version") continue;
      const std::string variable = variable_name(option);
      const bool known =
          std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.first == variable; });
      if (!known)
        rows.emplace_back(
            variable, fmt::format("--{}{}{}", option.name, option.value.empty() ? "" : "=", option.value));
    }
  };
  add(common_options());
  for (const Command* command : commands()) add(command->options);
  rows.emplace_back("USHER_PAGER, PAGER",
                    "what shows a report that does not fit the terminal, instead of less; empty: nothing");
  rows.emplace_back("NO_COLOR", "--no-color, when it is set to anything (https://no-color.org)");
  return paragraphs(
             "Every option can be given in the environment. An option on the command line comes first, then "
             "its variable, then the standard value. A flag takes 1, true, yes, on or 0, false, no, off; an "
             "option that may be repeated takes its values separated by colons.\n\n"
             "Secrets are never taken from options: the configuration says where they come from, for example "
             "${env:NAME} or ${file:/run/secrets/name}.") +
         "\n" + listing(rows);
}

std::string options_help() {
  return "Options of every command; they may stand before it too:\n" + options_list(common_options());
}

}  // namespace

std::string overview_help() {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command* command : commands()) rows.emplace_back(command->name, command->summary);
  return "Examples:\n"
         "  usher init             # write a commented usher.yaml to start from\n"
         "  usher plan             # what would change, and why; writes to no platform\n"
         "  usher apply            # the same, and after a question does it\n"
         "  usher sync --quiet     # read everything anew and apply, for cron\n\n"
         "Usage: usher COMMAND [OPTION]... [ARGUMENT]...\n\n" +
         paragraphs(
             "Usher creates, updates and removes people's accounts on every platform an "
             "organisation uses.") +
         "\nCommands:\n" + listing(rows) +
         "\nTopics:\n"
         "  usher help COMMAND      what a command does and the options it takes\n"
         "  usher help options      options of every command\n"
         "  usher help exit-codes   how commands end\n"
         "  usher help environment  options as environment variables\n";
}

std::string command_help(const Command& command) {
  std::string text = fmt::format("Examples:\n{}\nUsage: {}\n\n{}", command.examples, usage(command),
                                 paragraphs(command.about));
  if (!command.options.empty()) text += "\nOptions:\n" + options_list(command.options);
  return text + "\nOptions of every command: usher help options\n";
}

std::vector<std::string> help_topics() {
  std::vector<std::string> topics;
  for (const Command* command : commands()) topics.emplace_back(command->name);
  topics.insert(topics.end(), {"options", "exit-codes", "environment"});
  return topics;
}

std::optional<std::string> topic_help(std::string_view topic) {
  if (topic == "options") return options_help();
  if (topic == "exit-codes") return exit_codes_help();
  if (topic == "environment") return environment_help();
  if (const Command* command = find_command(topic)) return command_help(*command);
  return std::nullopt;
}

}  // namespace usher::cli
