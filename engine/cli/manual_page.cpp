#include "engine/cli/manual_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/cli/roff.hpp"
#include "engine/runtime/exit_code.hpp"

namespace usher::cli {

namespace {

std::string option_entries(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    text += ".TP\n";
    if (option.letter != 0) text += fmt::format("\\fB\\-{}\\fR, ", option.letter);
    text += "\\fB" + roff(fmt::format("--{}", option.name)) + "\\fR";
    if (!option.value.empty()) text += "=\\fI" + roff(option.value) + "\\fR";
    text += "\n" + marked(option.about);
    if (!option.standard.empty()) text += marked(fmt::format(" (standard: {})", option.standard));
    text += "\n";
  }
  return text;
}

std::string synopsis(const Command& command) {
  std::string line = fmt::format("\\fBusher {}\\fR [\\fIOPTION\\fR]...", command.name);
  for (const Operand& operand : command.operands) {
    const std::string word = "\\fI" + roff(operand.name) + "\\fR" + (operand.repeats ? "..." : "");
    line += operand.required ? " " + word : " [" + word + "]";
  }
  return ".SH SYNOPSIS\n" + line + "\n";
}

std::string verbatim(std::string_view lines) {
  std::string text = ".nf\n";
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    text += roff(line) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text + ".fi\n";
}

std::string exit_status() {
  std::string text = ".SH \"EXIT STATUS\"\n";
  for (const auto& [code, name, meaning] : exit_codes())
    text += fmt::format(".TP\n{} {}\n{}\n", static_cast<int>(code), roff(name), marked(meaning));
  return text;
}

}  // namespace

std::string manual_page(const Command& command) {
  std::string text = page_head(fmt::format("usher-{}", command.name), command.summary) + synopsis(command) +
                     ".SH DESCRIPTION\n" + roff_paragraphs(command.about);
  if (!command.options.empty()) text += ".SH OPTIONS\n" + option_entries(command.options);
  return text + ".SH EXAMPLES\n" + verbatim(command.examples) +
         ".SH \"SEE ALSO\"\n\\fBusher\\fR(1) has the options of every command and the exit status;\n"
         "\\fBusher.yaml\\fR(5) the configuration.\n";
}

std::string manual_overview() {
  std::string text =
      page_head("usher", "identity reconciliation engine") +
      ".SH SYNOPSIS\n\\fBusher\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n"
      ".SH DESCRIPTION\n"
      "Usher creates, updates and removes people's accounts on every platform an\n"
      "organisation uses. It reads who should exist, reads what each platform holds, plans the difference "
      "with\n"
      "the reason for every change, and applies it.\n"
      ".SH COMMANDS\n";
  for (const Command* command : commands())
    text += fmt::format(".TP\n\\fBusher\\-{}\\fR(1)\n{}\n", roff(command->name), marked(command->summary));
  text += ".SH OPTIONS\n" + option_entries(common_options());
  text +=
      ".SH ENVIRONMENT\n"
      "Every option can be given in the environment: \\fBUSHER_\\fR and its name in capital letters, with\n"
      "\\fB_\\fR for \\fB\\-\\fR. An option on the command line comes first. \\fBNO_COLOR\\fR, set to "
      "anything,\n"
      "means \\fB\\-\\-no\\-color\\fR.\n";
  return text + exit_status() + ".SH \"SEE ALSO\"\n\\fBusher.yaml\\fR(5), \\fBusher\\-recipe\\fR(5)\n";
}

}  // namespace usher::cli
