#include "engine/cli/arguments.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "engine/cli/wrong_line.hpp"
#include "engine/runtime/exit_code.hpp"

namespace usher::cli {
namespace {

constexpr std::array options{
    Option{"config", 'c', "FILE", "", "usher.yaml"},
    Option{"output", 'o', "text|json", "", "text"},
    Option{"threads", 0, "N", "", "0"},
    Option{"recipes", 0, "DIR", "", {}, true},
    Option{"verbose", 'v', {}, "", {}, true},
    Option{"no-color", 0, {}, ""},
    Option{"state", 0, "FILE", ""},
};
constexpr std::array operands{Operand{"PLAN", true}, Operand{"MORE", false, true}};

using Variables = std::map<std::string, std::string>;

Arguments read(const std::vector<std::string>& words, const Variables& variables = {}) {
  return Arguments::read(words, options, operands,
                         [&](const std::string& name) -> std::optional<std::string> {
                           const auto found = variables.find(name);
                           return found == variables.end() ? std::nullopt : std::optional(found->second);
                         });
}

std::string error(const std::vector<std::string>& words, const Variables& variables = {}) {
  try {
    read(words, variables);
  } catch (const CommandError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    return error.what();
  }
  return "no error";
}

TEST(Arguments, TakesValuesAllThreeWays) {
  EXPECT_EQ(read({"--config=a", "p"}).text("config"), "a");
  EXPECT_EQ(read({"--config", "a", "p"}).text("config"), "a");
  EXPECT_EQ(read({"-c", "a", "p"}).text("config"), "a");
  EXPECT_EQ(read({"-ca", "p"}).text("config"), "a");
  EXPECT_EQ(read({"--config=a=b", "p"}).text("config"), "a=b");
  EXPECT_EQ(read({"p"}).text("config"), "usher.yaml");
  EXPECT_EQ(read({"p"}).find("state"), std::nullopt);
}

TEST(Arguments, LastOneHolds) {
  EXPECT_EQ(read({"-c", "a", "-c", "b", "p"}).text("config"), "b");
}

TEST(Arguments, CountsFlags) {
  EXPECT_EQ(read({"-vv", "p", "--verbose"}).count("verbose"), 3U);
  EXPECT_FALSE(read({"p"}).flag("verbose"));
}

TEST(Arguments, KeepsOperandsInOrderAndEndsOptionsAtTwoDashes) {
  EXPECT_EQ(read({"a", "-v", "b", "--", "--config", "-"}).operands(),
            (std::vector<std::string>{"a", "b", "--config", "-"}));
}

TEST(Arguments, TakesTheEnvironmentBehindTheCommandLine) {
  EXPECT_EQ(read({"p"}, {{"USHER_CONFIG", "e"}}).text("config"), "e");
  EXPECT_EQ(read({"-c", "a", "p"}, {{"USHER_CONFIG", "e"}}).text("config"), "a");
  EXPECT_EQ(read({"p"}, {{"USHER_CONFIG", ""}}).text("config"), "usher.yaml");
  EXPECT_TRUE(read({"p"}, {{"USHER_NO_COLOR", "yes"}}).flag("no-color"));
  EXPECT_FALSE(read({"p"}, {{"USHER_NO_COLOR", "0"}}).flag("no-color"));
  EXPECT_EQ(read({"p"}, {{"USHER_VERBOSE", "2"}}).count("verbose"), 2U);
  EXPECT_EQ(read({"p"}, {{"USHER_RECIPES", "a:b"}}).values("recipes"), (std::vector<std::string>{"a", "b"}));
}

TEST(Arguments, SaysWhatIsWrong) {
  EXPECT_EQ(error({"--confg=a", "p"}), "There is no option '--confg'; did you mean '--config'?");
  EXPECT_EQ(error({"--zebra", "p"}), "There is no option '--zebra'.");
  EXPECT_EQ(error({"-x", "p"}), "There is no option '-x'.");
  EXPECT_EQ(error({"p", "--config"}), "--config needs a value.");
  EXPECT_EQ(error({"p", "--config="}), "--config needs a value.");
  EXPECT_EQ(error({"--config", "--verbose", "p"}),
            "--config needs a value; if '--verbose' is meant, write --config=--verbose.");
  EXPECT_EQ(error({"--no-color=1", "p"}), "--no-color takes no value.");
  EXPECT_EQ(error({"--output=jsn", "p"}), "--output takes text or json, not 'jsn'; did you mean 'json'?");
  EXPECT_EQ(error({"--threads=-1", "p"}), "--threads takes a whole number, not '-1'.");
  EXPECT_EQ(error({"--threads=4x", "p"}), "--threads takes a whole number, not '4x'.");
  EXPECT_EQ(error({}), "PLAN is missing.");
  EXPECT_EQ(error({"p"}, {{"USHER_OUTPUT", "xml"}}), "USHER_OUTPUT takes text or json, not 'xml'.");
  EXPECT_EQ(error({"p"}, {{"USHER_NO_COLOR", "maybe"}}), "USHER_NO_COLOR takes yes or no, not 'maybe'.");
}

TEST(Arguments, DoesNotGuessAbbreviations) {
  EXPECT_EQ(error({"--verb", "p"}), "There is no option '--verb'.");
}

TEST(Arguments, OneOperandTooMany) {
  constexpr std::array one{Operand{"PLAN"}};
  try {
    Arguments::read({"a", "b"}, options, one, [](const auto&) { return std::nullopt; });
    FAIL();
  } catch (const CommandError& caught) {
    EXPECT_STREQ(caught.what(), "The argument 'b' is one too many.");
  }
}

TEST(WrongLine, GivesWhatItWouldGiveWereItRight) {
  const auto given = [](const std::vector<std::string>& words) {
    return values_on_wrong_line(words, options, [](const std::string& name) {
      return name == "USHER_STATE" ? std::optional<std::string>("variable.db") : std::nullopt;
    });
  };
  EXPECT_EQ(given({"--bogus"}), (std::map<std::string, std::string>{{"state", "variable.db"}}));
  EXPECT_EQ(given({"--state", "a.db", "--bogus"})["state"], "a.db");
  EXPECT_EQ(given({"--state=--odd", "--bogus"})["state"], "--odd");
  EXPECT_EQ(given({"--state", "--bogus"})["state"], "variable.db");
  EXPECT_EQ(given({"--config", "--state", "a.db"})["state"], "a.db");
  EXPECT_EQ(given({"--state"})["state"], "variable.db");
  EXPECT_EQ(given({"-vojson", "--bogus"})["output"], "json");
  EXPECT_EQ(given({"-vo", "json"})["output"], "json");
  EXPECT_EQ(given({"-xojson"})["output"], "");
  EXPECT_EQ(given({"--", "--output", "json"})["output"], "");
}

}  // namespace
}  // namespace usher::cli
