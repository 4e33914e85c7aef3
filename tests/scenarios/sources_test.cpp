// Sources that fail in ways a file can: gone, empty, shorter, from another run.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/runtime/exit_code.hpp"
#include "tests/support/plan_text.hpp"
#include "tests/support/world.hpp"

namespace usher::test {
namespace {

using testing::HasSubstr;

constexpr const char* staff =
    "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
    "E2,Grace,Hopper,grace@example.com,operations,active\n";

class SourcesTest : public testing::Test {
 protected:
  /// hr and contractors, each a file; option: of contractors, in YAML flow form.
  void two_sources(const std::string& option = {}) {
    world_.source_options(
        "key: employee_id}\n  contractors: {connector: csv, path: contractors.csv, key: employee_id" +
        option);
    std::string rules = World::standard_rules();
    rules.replace(rules.find("from: hr"), 8, "from: [hr, contractors]");
    world_.rules(rules);
  }
  void contractors(const std::string& rows) {
    std::ofstream(world_.folder() / "contractors.csv") << "employee_id,first,last,email,department,status\n"
                                                       << rows;
  }
  /// The message and the exit code a plan ends with.
  std::pair<ExitCode, std::string> refusal(const std::function<void()>& command) {
    try {
      command();
    } catch (const CommandError& error) {
      return {error.code(), error.what()};
    }
    return {ExitCode::done, ""};
  }

  World world_;
};

TEST_F(SourcesTest, ASecondSourceThatRanEmptyStopsNobodyOfTheFirst) {
  two_sources();
  world_.people(staff);
  contractors("C1,Cy,Young,cy@example.com,operations,active\n");
  world_.sync();
  world_.people(std::string(staff) + "E3,Mary,Shelley,mary@example.com,operations,active\n");
  contractors("");
  const World::Sync sync = world_.sync();
  EXPECT_EQ(exit_code(sync.pulls), ExitCode::source_incomplete);
  EXPECT_FALSE(world_.account("mary@example.com").is_null()) << content_of(sync.plan);
  EXPECT_EQ(world_.account("cy@example.com").value("status", ""), "enabled")
      << "nothing says that he is gone";
}

TEST_F(SourcesTest, ASourceThatMayBeEmptyIsBelieved) {
  two_sources(", empty: allowed");
  world_.people(staff);
  contractors("C1,Cy,Young,cy@example.com,operations,active\n");
  world_.sync();
  contractors("");
  const World::Sync sync = world_.sync();
  EXPECT_EQ(exit_code(sync.pulls), ExitCode::done) << sync.pulls.front().why_not;
  EXPECT_EQ(world_.account("cy@example.com").value("status", ""), "disabled") << content_of(sync.plan);
  EXPECT_EQ(world_.account("ada@example.com").value("status", ""), "enabled");
}

TEST_F(SourcesTest, AFileThatIsGoneStopsThePlanWithItsPath) {
  world_.people(staff);
  world_.sync();
  std::filesystem::remove(world_.folder() / "people.csv");
  const auto [code, message] = refusal([&] { world_.plan(Refresh::needed); });
  EXPECT_EQ(code, ExitCode::unreachable) << message;
  EXPECT_THAT(message, HasSubstr("people.csv: cannot be opened"));
  EXPECT_THAT(message, HasSubstr("--offline plans from them"));
  EXPECT_TRUE(world_.plan(Refresh::nothing).changes.empty()) << "what was asked for";
}

TEST_F(SourcesTest, ASavedPlanIsNotCarriedOutWithoutItsSource) {
  world_.people(staff);
  const Plan plan = world_.plan();
  std::filesystem::remove(world_.folder() / "people.csv");
  const auto [code, message] = refusal([&] { world_.apply(plan); });
  EXPECT_EQ(code, ExitCode::unreachable) << message;
  EXPECT_THAT(message, HasSubstr("people.csv"));
  EXPECT_EQ(world_.writes(), 0U);
}

TEST_F(SourcesTest, AFileThatLostALargeShareProvesNobodyGone) {
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += "E" + std::to_string(i) + ",A,B,p" + std::to_string(i) + "@example.com,operations,active\n";
  world_.people(many);
  world_.sync();
  world_.people(staff);
  const std::vector<PullReport> pulls = world_.pull();
  EXPECT_THAT(pulls.front().why_not, HasSubstr("90 % are missing where 20 % may be"));
  EXPECT_FALSE(pulls.front().sealed);
  world_.source_options("shrink: 90%");
  EXPECT_TRUE(world_.pull().front().sealed);
}

TEST_F(SourcesTest, AnotherChoiceAmongTheRecordsOfAKeyIsReadFromTheSameFile) {
  world_.source_options("key: employee_id, choose: first");
  world_.people(
      "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
      "E1,Ada,Byron,ada@example.com,engineering,active\n");
  world_.sync();
  EXPECT_EQ(world_.account("ada@example.com").value("name", ""), "Ada Lovelace");
  world_.source_options("key: employee_id, choose: last");
  world_.rules(World::standard_rules());
  world_.sync();
  EXPECT_EQ(world_.account("ada@example.com").value("name", ""), "Ada Byron");
}

}  // namespace
}  // namespace usher::test
