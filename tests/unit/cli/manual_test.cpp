#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/cli/command.hpp"
#include "engine/cli/manual_page.hpp"
#include "engine/runtime/exit_code.hpp"
#include "tests/support/shell.hpp"

namespace usher {
namespace {

using testing::HasSubstr;

/// Hyphens are written \- in a manual page.
std::string in_roff(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '-' ? std::string("\\-") : std::string(1, c);
  return result;
}

TEST(Manual, EveryOptionOfACommandStandsInItsPage) {
  for (const cli::Command* command : cli::commands()) {
    const std::string page = cli::manual_page(*command);
    EXPECT_THAT(page, HasSubstr(in_roff(command->summary).substr(0, 10))) << command->name;
    for (const cli::Option& option : command->options)
      EXPECT_THAT(page, HasSubstr("\\-\\-" + in_roff(option.name))) << command->name;
  }
}

TEST(Manual, TheOverviewHasCommandsCommonOptionsAndExitCodes) {
  const std::string page = cli::manual_overview();
  for (const cli::Command* command : cli::commands())
    EXPECT_THAT(page, HasSubstr("usher\\-" + in_roff(command->name)));
  for (const cli::Option& option : cli::common_options())
    EXPECT_THAT(page, HasSubstr("\\-\\-" + in_roff(option.name)));
  for (const auto& [code, name, meaning] : exit_codes()) EXPECT_THAT(page, HasSubstr(in_roff(name)));
}

TEST(Manual, NoLineOfTextIsTakenForAMacro) {
  for (const cli::Command* command : cli::commands()) {
    std::istringstream page(cli::manual_page(*command));
    for (std::string line; std::getline(page, line);) {
      if (!line.starts_with('.')) continue;
      const std::string macro = line.substr(0, line.find(' '));
      EXPECT_THAT((std::vector<std::string>{".TH", ".SH", ".TP", ".PP", ".nf", ".fi"}),
                  testing::Contains(macro))
          << command->name << ": " << line;
    }
  }
}

TEST(Manual, WritesAllPagesIntoAFolder) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("manual-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  EXPECT_EQ(Shell{}.run({"manual", "--to", folder.string()}).code, ExitCode::done);
  EXPECT_TRUE(std::filesystem::exists(folder / "usher.1"));
  for (const cli::Command* command : cli::commands())
    EXPECT_TRUE(std::filesystem::exists(folder / ("usher-" + std::string(command->name) + ".1")));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace usher
