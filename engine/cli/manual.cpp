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

std::string page_of(const std::string& name) {
  if (const Command* command = find_command(name)) return manual_page(*command);
  for (FilePage& page : file_pages())
    if (page.name == name) return std::move(page.text);
  throw CommandError(ExitCode::usage,
                     fmt::format("There is no command '{}', and no page of that name. Pages of files are "
                                 "usher.yaml and usher-recipe.",
                                 escaped(name)));
}

ExitCode run_manual(const Call& call) {
  const auto folder = call.arguments.find("to");
  const auto& words = call.arguments.operands();
  if (!folder && words.empty()) {
    call.print(manual_overview());
  } else if (!folder) {
    call.print(page_of(words.front()));
  } else {
    std::error_code error;
    std::filesystem::create_directories(*folder, error);
    write(std::filesystem::path(*folder) / "usher.1", manual_overview());
    for (const Command* command : commands())
      write(std::filesystem::path(*folder) / fmt::format("usher-{}.1", command->name), manual_page(*command));
    for (const FilePage& page : file_pages())
      write(std::filesystem::path(*folder) / (page.name + ".5"), page.text);
  }
  return ExitCode::done;
}

constexpr std::array manual_options{
    Option{"to", 0, "DIR",
           "write every page into this folder, as files such as usher-plan.1 and usher.yaml.5"},
};
constexpr std::array manual_operands{Operand{"COMMAND|usher.yaml|usher-recipe"}};

}  // namespace

const Command manual_command{
    .name = "manual",
    .summary = "write the manual pages",
    .examples =
        "  usher manual plan | man -l -          # read one page\n"
        "  usher manual usher-recipe | man -l -\n"
        "  usher manual --to pages\n",
    .about =
        "Writes the manual page usher(1), or that of a command or of a kind of file, in man(7) macros to "
        "standard "
        "output; with --to all of them into a folder. The pages of commands hold what `usher help` says; "
        "usher.yaml(5) and usher-recipe(5) every key of a configuration and of a recipe, from the tables "
        "these "
        "files are read by. The Debian package installs them.",
    .options = manual_options,
    .operands = manual_operands,
    .run = run_manual,
};

}  // namespace usher::cli
