#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "connectors/recipe/recipe_shape.hpp"
#include "engine/cli/command.hpp"
#include "engine/cli/manual_page.hpp"
#include "engine/runtime/exit_code.hpp"
#include "rules/config.hpp"
#include "rules/config/config_manual.hpp"
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
  std::vector<std::string> pages;
  for (const cli::Command* command : cli::commands()) pages.push_back(cli::manual_page(*command));
  for (const cli::FilePage& page : cli::file_pages()) pages.push_back(page.text);
  for (const std::string& text : pages) {
    std::istringstream page(text);
    for (std::string line; std::getline(page, line);) {
      if (!line.starts_with('.')) continue;
      const std::string macro = line.substr(0, line.find(' '));
      EXPECT_THAT((std::vector<std::string>{".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi"}),
                  testing::Contains(macro))
          << text.substr(0, 40) << ": " << line;
    }
  }
}

/// The text between .nf and .fi, as a reader of the page sees it.
std::string example_of(const std::string& page) {
  const std::size_t begin = page.find(".nf\n") + 4;
  const std::string lines = page.substr(begin, page.find(".fi\n", begin) - begin);
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == '\\') {
      if (const char escape = lines[++i]; escape != '&') text += escape == 'e' ? '\\' : escape;
    } else {
      text += lines[i];
    }
  }
  return text;
}

TEST(Manual, PagesOfFilesHaveEveryKeyAndExamplesThatAreInOrder) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("manual-files-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    std::filesystem::permissions(folder / name, std::filesystem::perms(0600));
    return (folder / name).string();
  };
  write("people.csv", "id,mail,name,leaves\n1,ada@example.com,Ada,\n");
  write("acme.token", "secret\n");
  std::vector<std::string> names;
  for (const cli::FilePage& page : cli::file_pages()) {
    names.push_back(page.name);
    const bool recipe = page.name == "usher-recipe";
    for (const ShapeSection& section : recipe ? recipe::recipe_sections() : config_sections())
      for (const ShapeSection::Entry& entry : section.entries)
        EXPECT_THAT(page.text,
                    HasSubstr((entry.free ? "\n\\fI" : "\n\\fB") + in_roff(entry.name) + "\\fR: "));
    const std::string file = write(recipe ? "acme.yaml" : "usher.yaml", example_of(page.text));
    const auto checked =
        recipe ? Shell{}.run({"connector", "lint", file}) : Shell{}.run({"validate", "-c", file});
    EXPECT_EQ(checked.code, ExitCode::done) << checked.out << checked.err;
    EXPECT_EQ(Shell{}.run({"manual", page.name}).out, page.text);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"usher-recipe", "usher.yaml"}));
  EXPECT_EQ(Shell{}.run({"manual", "usher.yml"}).code, ExitCode::usage);
  std::filesystem::remove_all(folder);
}

TEST(Schema, IsThatOfTheConfigurationOrOfRecipes) {
  EXPECT_EQ(Shell{}.run({"schema"}).out, config_json_schema());
  EXPECT_EQ(Shell{}.run({"schema", "configuration"}).out, config_json_schema());
  EXPECT_EQ(Shell{}.run({"schema", "recipe"}).out, recipe::recipe_json_schema());
  const auto refused = Shell{}.run({"schema", "recipes"});
  EXPECT_EQ(refused.code, ExitCode::usage);
  EXPECT_THAT(refused.err, HasSubstr("did you mean 'recipe'?"));
}

TEST(Manual, WritesAllPagesIntoAFolder) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("manual-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  EXPECT_EQ(Shell{}.run({"manual", "--to", folder.string()}).code, ExitCode::done);
  EXPECT_TRUE(std::filesystem::exists(folder / "usher.1"));
  for (const cli::Command* command : cli::commands())
    EXPECT_TRUE(std::filesystem::exists(folder / ("usher-" + std::string(command->name) + ".1")));
  EXPECT_TRUE(std::filesystem::exists(folder / "usher.yaml.5"));
  EXPECT_TRUE(std::filesystem::exists(folder / "usher-recipe.5"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace usher
