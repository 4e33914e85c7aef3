#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/shell.hpp"
#include "tests/support/world.hpp"

// What is not done and nobody chose is told in every run, also under --quiet, until somebody accepts it.
namespace usher::test {
namespace {

using nlohmann::json;

class Attention : public testing::Test {
 protected:
  Shell::Result usher(std::vector<std::string> words) {
    words.insert(words.end(), {"--config", world_.options().config.string(), "--no-progress"});
    return Shell{}.run(words);
  }

  /// Whether the words of `part` stand in `text`, wherever its lines end.
  static bool holds(const std::string& text, const std::string& part) {
    std::istringstream words(text);
    std::string word, line;
    while (words >> word) line += word + " ";
    return line.find(part) != std::string::npos;
  }

  World world_;
};

TEST_F(Attention, ARuleThatFailsForEverybodyIsOneLineWithTheNearestColumnUnderQuiet) {
  world_.people(
      "E1,Ada,Lovelace,ada@example.com,operations,active\nE2,Grace,Hopper,grace@example.com,operations,"
      "active\n"
      "E3,Edsger,Dijkstra,edsger@example.com,operations,active\n"
      "E4,Alan,Turing,alan@example.com,operations,active\n");
  EXPECT_EQ(usher({"sync", "--quiet"}).code, ExitCode::done);
  std::string rules = World::standard_rules();
  const std::string column = "record.status";
  rules.replace(rules.find(column), column.size(), "record.Statuss");
  world_.rules(rules);
  const Shell::Result quiet = usher({"sync", "--quiet"});
  EXPECT_EQ(quiet.code, ExitCode::lane_held) << "4 of 4 people: the guard on rule errors";
  EXPECT_TRUE(holds(quiet.out, "rule-error: 4 × ")) << quiet.out;
  EXPECT_TRUE(holds(quiet.out, "did you mean")) << quiet.out;
  EXPECT_TRUE(holds(quiet.out, "(E1") && holds(quiet.out, "more)")) << quiet.out;
  EXPECT_TRUE(holds(quiet.err, "4 lane-held, 3 done-in-part")) << quiet.err;
  EXPECT_FALSE(holds(usher({"plan"}).out, "Nothing to do.")) << "never alone beside what is not done";
}

TEST_F(Attention, WhatIsAcceptedIsQuietUntilItIsRevoked) {
  world_.platform().change(
      "mainflux",
      {{"insert", {{"credentials", {{"identity", "ada@example.com"}}}, {"id", "u-ada"}, {"name", "Ada"}}}});
  world_.people(
      "E1,Ada,Lovelace,ada@example.com,operations,active\nE2,Ada,Byron,ada@example.com,operations,active\n");
  const json plan = json::parse(usher({"plan", "--output", "json"}).out);
  ASSERT_FALSE(plan.at("plan").at("notes").empty()) << plan.dump(1);
  EXPECT_EQ(plan.at("conditions").at(0), "done-in-part");
  std::vector<std::string> accept{"accept"};
  for (const json& note : plan.at("plan").at("notes")) accept.push_back(note.at("id"));
  std::vector<std::string> revoke = accept;
  accept.insert(accept.end(), {"--until", "2999-12-31", "--reason", "is mended in HR"});
  EXPECT_EQ(usher(accept).code, ExitCode::done);
  EXPECT_EQ(usher({"sync", "--quiet"}).code, ExitCode::done);
  EXPECT_TRUE(holds(usher({"accept", "--list"}).out, "is mended in HR"));
  revoke.push_back("--revoke");
  EXPECT_EQ(usher(revoke).code, ExitCode::done);
  const Shell::Result again = usher({"sync", "--quiet"});
  EXPECT_EQ(again.code, ExitCode::done_in_part);
  EXPECT_TRUE(holds(again.out, "nobody chose that")) << again.out;
  EXPECT_EQ(usher({"accept", "0000000000", "--until", "2999-12-31", "--reason", "no"}).code, ExitCode::usage);
}

TEST_F(Attention, ARuleThatFailsOnALongNameInAnyScriptIsTold) {
  std::string name = "x";
  for (int i = 0; i < 100; ++i) name += "ж";
  world_.people(
      "E1,Ada," + name +
      ",ada@example.com,operations,active\nE2,Bo,(Sales (North),bo@example.com,operations,active\n");
  std::string rules = World::standard_rules();
  const std::string made = "record.first + \" \" + record.last";
  rules.replace(rules.find(made), made.size(), "record.frist + \" \" + record.last");
  world_.rules(rules);
  const Shell::Result shown = usher({"plan", "--output", "json"});
  const json notes = json::parse(shown.out).at("plan").at("notes");
  ASSERT_EQ(notes.size(), 2U) << shown.out << shown.err;
  EXPECT_EQ(notes.at(0).at("cause"), notes.at(1).at("cause")) << "whatever stands in the values";
  EXPECT_EQ(notes.at(0).at("cause").get<std::string>().find("Sales"), std::string::npos);
}

}  // namespace
}  // namespace usher::test
