#include <gtest/gtest.h>

#include "engine/report/report.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/store/database.hpp"
#include "state/store/journal.hpp"
#include "tests/support/plan_text.hpp"
#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

// A plan for some people and nobody else.
namespace usher::test {
namespace {

using nlohmann::json;

class Only : public testing::Test {
 protected:
  Only() {
    world_.people(
        "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
        "E2,Grace,Hopper,grace@example.com,operations,active\n"
        "E3,Edsger,Dijkstra,edsger@example.com,engineering,active\n");
  }

  Plan plan(const std::vector<std::string>& only) {
    NoProgress progress;
    Session session(world_.options(), progress, {});
    session.pull({}, Refresh::all);
    return session.plan(only);
  }

  World world_;
};

TEST_F(Only, IsForThePeopleItNames) {
  const Plan whole = plan({}), some = plan({"E3", "E1", "E3"});
  EXPECT_EQ(whole.changes.size(), 3U);
  EXPECT_EQ(lines_of(some),
            (std::vector<std::string>{"create ada@example.com", "add-membership ada@example.com g-engineers",
                                      "create edsger@example.com",
                                      "add-membership edsger@example.com g-engineers"}));
  EXPECT_EQ(some.only, (std::vector<std::string>{"E1", "E3"}));
  EXPECT_NE(some.digest, whole.digest);
  EXPECT_EQ(plan_from_json(content_of(some), some.digest).only, some.only);
  EXPECT_NE(plan_text(some, {}).find("Only for E1, E3; guards were judged with everybody."),
            std::string::npos);
}

TEST_F(Only, LeavesTheOthersForTheNextPlan) {
  EXPECT_TRUE(world_.apply(plan({"grace@example.com"})).troubles.empty());  // a label
  EXPECT_EQ(world_.accounts().size(), 1U);
  world_.sync();
  EXPECT_EQ(world_.accounts().size(), 3U);
  EXPECT_TRUE(world_.plan().changes.empty());
  const std::string id = world_.account("ada@example.com").at("id");
  world_.platform().change("mainflux", {{"rename", "ada@example.com"}, {"name", "Countess"}});
  world_.platform().change("mainflux", {{"rename", "grace@example.com"}, {"name", "Admiral"}});
  EXPECT_EQ(lines_of(plan({id})), (std::vector<std::string>{"update ada@example.com name"}));
  EXPECT_TRUE(plan({"E3"}).changes.empty());
}

TEST_F(Only, KnowsALabelForWhichNothingIsPlanned) {
  world_.sync();
  const Plan nothing = plan({"ada@example.com"});
  EXPECT_TRUE(nothing.changes.empty());
  EXPECT_EQ(nothing.only, std::vector<std::string>{"ada@example.com"});
  world_.platform().change("mainflux", {{"rename", "ada@example.com"}, {"name", "Countess"}});
  EXPECT_EQ(lines_of(plan({"ada@example.com"})), (std::vector<std::string>{"update ada@example.com name"}));
  EXPECT_THROW(plan({"ada@example.org"}), CommandError);
}

TEST_F(Only, IsJudgedWithEverybody) {
  world_.sync();
  world_.rules(rules_over_standard({{"accounts", {{"guards", {{"disable", 1}}}}}}));
  world_.people(
      "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
      "E2,Grace,Hopper,grace@example.com,operations,left\n"
      "E3,Edsger,Dijkstra,edsger@example.com,operations,left\n");
  const Plan one = plan({"E2"});
  EXPECT_EQ(lines_of(one), (std::vector<std::string>{"held disable grace@example.com"}));
  EXPECT_EQ(one.objections.size(), 1U);
  EXPECT_TRUE(plan({"E1"}).objections.empty());
}

TEST_F(Only, OfNobodyIsRefused) {
  try {
    plan({"E1", "E9"});
    FAIL() << "somebody was found";
  } catch (const CommandError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_NE(std::string(error.what()).find("'E9'"), std::string::npos);
  }
}

TEST_F(Only, ARunThatBreaksOffEndsWithTheExitCodeOfWhatEndedIt) {
  EXPECT_THROW(plan({"E9"}), CommandError);
  Database state(world_.folder() / "usher.db", Access::read, "test");
  const std::vector<RunState> runs = Journal(state.connection()).runs(1);
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].command, "plan");
  EXPECT_NE(runs[0].ended_at, "");
  EXPECT_EQ(runs[0].exit_code, static_cast<int>(ExitCode::usage));
}

}  // namespace
}  // namespace usher::test
