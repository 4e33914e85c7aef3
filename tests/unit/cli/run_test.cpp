#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/cli/command.hpp"
#include "engine/cli/plan_file.hpp"
#include "state/model/plan_json.hpp"
#include "tests/support/shell.hpp"

namespace usher {
namespace {

TEST(Run, WithoutACommandHelpsAndFails) {
  const auto result = Shell{}.run({});
  EXPECT_EQ(result.code, ExitCode::usage);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, Shell{}.run({"help"}).out);
}

TEST(Run, HelpIsOnStandardOutputHoweverItIsAskedFor) {
  for (const cli::Command* command : cli::commands()) {
    const std::string name(command->name);
    const auto result = Shell{}.run({"help", name});
    EXPECT_EQ(result.code, ExitCode::done);
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out.rfind("Examples:\n  usher " + name, 0), 0U) << result.out;
    EXPECT_EQ(Shell{}.run({name, "--help"}).out, result.out);
    EXPECT_EQ(Shell{}.run({name, "--nonsense", "-h"}).out, result.out);
    EXPECT_EQ(Shell{}.run({"-q", "--help", name}).out, result.out);
  }
}

TEST(Run, EveryCommandRefusesWhatItDoesNotKnow) {
  for (const cli::Command* command : cli::commands()) {
    const std::string name(command->name);
    const auto result = Shell{}.run({name, "--nonsense"});
    EXPECT_EQ(result.code, ExitCode::usage);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, "usher: There is no option '--nonsense'.\nSee 'usher " + name + " --help'.\n");
  }
}

TEST(Run, SuggestsTheNearestCommand) {
  const auto result = Shell{}.run({"shwo"});
  EXPECT_EQ(result.code, ExitCode::usage);
  EXPECT_EQ(result.err, "usher: There is no command 'shwo'; did you mean 'show'?\nSee 'usher help'.\n");
}

TEST(Run, OptionsOfEveryCommandMayStandBeforeIt) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--output", "json", "version"},
                                                                 {"--output=json", "version"},
                                                                 {"-ojson", "version"},
                                                                 {"-qo", "json", "version"},
                                                                 {"version", "-o", "json"}}) {
    const auto result = Shell{}.run(words);
    EXPECT_EQ(result.code, ExitCode::done) << result.err;
    EXPECT_EQ(nlohmann::json::parse(result.out).at("exit").at("name"), "done");
  }
  EXPECT_EQ(Shell{}.run({"--ouput", "json", "version"}).err,
            "usher: There is no option '--ouput'; did you mean '--output'?\n"
            "The options of a command stand after it. See 'usher help'.\n");
}

TEST(Run, AsksNobodyWhereNobodyIs) {
  const auto result = Shell{}.run({"apply"});
  EXPECT_EQ(result.code, ExitCode::usage);
  EXPECT_NE(result.err.find("--yes"), std::string::npos);
}

TEST(Run, ReadsEverythingOrNothingNotBoth) {
  for (const char* command : {"plan", "apply"})
    EXPECT_EQ(Shell{}.run({command, "--pull", "--offline", command[0] == 'a' ? "--yes" : "-q"}).code,
              ExitCode::usage);
}

TEST(Run, SaysItsVersion) {
  EXPECT_EQ(Shell{}.run({"--version"}).out, Shell{}.run({"version"}).out);
  EXPECT_EQ(Shell{}.run({"show", "--version"}).out, Shell{}.run({"version"}).out);
}

TEST(Run, AnErrorIsAResultToo) {
  const auto result = Shell{}.run({"show", "/nonexistent/plan", "--output=json"});
  EXPECT_EQ(result.code, ExitCode::failed);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json.at("report"), "error");
  EXPECT_EQ(json.at("exit"), (nlohmann::json{{"code", 1}, {"name", "failed"}}));
  EXPECT_EQ("usher: " + json.at("message").get<std::string>() + "\n", result.err);
}

/// A plan file with one change, removed with this.
class SavedPlan : public testing::Test {
 protected:
  void SetUp() override {
    Plan plan;
    plan.now = "2026-05-01T03:00:00Z";
    plan.changes.push_back(
        {"iot", "E1", "a1", "ada@example.com", Situation::matched, ChangeAct::disable, "left", {}, {}});
    plan.digest = digest_of(plan);
    cli::write_plan(file, plan);
  }
  void TearDown() override { std::filesystem::remove(file); }

  std::string shown(const Shell& shell, std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"show", file.string()});
    const auto result = shell.run(options);
    EXPECT_EQ(result.code, ExitCode::done) << result.err;
    return result.out;
  }
  static bool coloured(const std::string& text) { return text.find('\x1b') != std::string::npos; }

  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("usher-run-" + std::to_string(getpid()) + ".plan");
};

TEST_F(SavedPlan, HasColoursOnATerminalOnly) {
  EXPECT_FALSE(coloured(shown(Shell{})));
  Shell shell;
  shell.terminal = true;
  EXPECT_TRUE(coloured(shown(shell)));
  EXPECT_FALSE(coloured(shown(shell, {"--no-color"})));
  EXPECT_FALSE(coloured(shown(shell, {"--output=json"})));
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"NO_COLOR", "1"}, {"USHER_NO_COLOR", "yes"}, {"TERM", "dumb"}}) {
    shell.variables = {{name, value}};
    EXPECT_FALSE(coloured(shown(shell))) << name;
  }
  shell.variables = {{"NO_COLOR", ""}};
  EXPECT_TRUE(coloured(shown(shell)));
}

TEST_F(SavedPlan, ItsReportAsJsonCanBeShownAgain) {
  const std::string report = shown(Shell{}, {"-o", "json"});
  std::ofstream(file) << report;
  EXPECT_EQ(shown(Shell{}, {"-o", "json"}), report);
}

TEST(Run, SaysWhenStandardOutputIsFull) {
  struct Full : std::streambuf {
    int overflow(int) override { return traits_type::eof(); }
  } full;
  std::istringstream in;
  std::ostream out(&full);
  std::ostringstream err;
  cli::Console console{in, out, err};
  EXPECT_EQ(cli::run({"version"}, console, {}), ExitCode::failed);
  EXPECT_EQ(err.str(), "usher: the result could not be written to standard output\n");
}

}  // namespace
}  // namespace usher
