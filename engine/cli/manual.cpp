#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "engine/cli/commands.hpp"
#include "engine/cli/manual_page.hpp"

namespace usher::cli {

namespace {

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream)
    throw CommandError(ExitCode::failed,
                       fmt::format("{} could not be written: make room there, or give a folder "
                                   "that you may write to.",
                                   escaped(file.string())));
}

ExitCode run_manual(const Call& call) {
  const auto folder = call.arguments.find("to");
  const auto& words = call.arguments.operands();
  if (!folder && words.empty()) {
    call.print(manual_overview());
  } else if (!folder) {
    const Command* command = find_command(words.front());
    if (command == nullptr)
      throw CommandError(ExitCode::usage, fmt::format("There is no command '{}'.", escaped(words.front())));
    call.print(manual_page(*command));
  } else {
    std::error_code error;
    std::filesystem::create_directories(*folder, error);
    write(std::filesystem::path(*folder) / "usher.1", manual_overview());
    for (const Command* command : commands())
      write(std::filesystem::path(*folder) / fmt::format("usher-{}.1", command->name), manual_page(*command));
  }
  return ExitCode::done;
}

constexpr std::array manual_options{
    Option{"to", 0, "DIR", "write every page into this folder, as files such as usher-plan.1"},
};
constexpr std::array manual_operands{Operand{"COMMAND"}};

}  // namespace

const Command manual_command{
    .name = "manual",
    .summary = "write the manual pages",
    .examples =
        "  usher manual plan | man -l -          # read one page\n"
        "  usher manual --to /usr/local/share/man/man1\n",
    .about =
        "Writes the manual page usher(1), or that of a command, in man(7) macros to standard output; with "
        "--to all of "
        "them into a folder. They hold what `usher help` says. The Debian package installs them.",
    .options = manual_options,
    .operands = manual_operands,
    .run = run_manual,
};

}  // namespace usher::cli
