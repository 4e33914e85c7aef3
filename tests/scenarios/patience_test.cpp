#include <gtest/gtest.h>

#include "tests/support/world.hpp"

// Platforms that want to be left alone for longer than a run waits.
namespace usher::test {
namespace {

using nlohmann::json;

const json daily_quota = {{"status", 429}, {"headers", {{"Retry-After", "86400"}}}, {"body", "{}"}};

TEST(Patience, AWaitOfADayIsLeftForTheNextRun) {
  World world;
  world.people(
      "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
      "E2,Alan,Turing,alan@example.com,operations,active\n");
  json rule = daily_quota;
  rule["method"] = "POST";
  rule["path"] = "/users";
  world.platform().set_faults(json::array({rule}));
  const World::Sync left = world.sync();
  EXPECT_TRUE(left.report.interrupted);
  EXPECT_EQ(exit_code(left.report, left.plan), ExitCode::time_budget);
  ASSERT_FALSE(left.report.troubles.empty());
  for (const OperationReport& trouble : left.report.troubles)
    EXPECT_TRUE(trouble.state == OperationState::skipped || trouble.state == OperationState::unknown)
        << trouble.message;  // behind a 429 there may be an account all the same
  EXPECT_EQ(world.accounts().size(), 0u);

  world.platform().set_faults(json::array());
  const World::Sync done = world.sync();
  EXPECT_EQ(exit_code(done.report, done.plan), ExitCode::done);
  EXPECT_EQ(world.accounts().size(), 2u);
}

TEST(Patience, APullThatIsLeftForTheNextRunTakesNobodyForGone) {
  World world;
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.sync();
  json rule = daily_quota;
  rule["method"] = "GET";
  world.platform().set_faults(json::array({rule}));
  const auto pulls = world.pull();
  EXPECT_EQ(exit_code(pulls), ExitCode::time_budget);
  world.platform().set_faults(json::array());
  EXPECT_TRUE(world.sync().plan.changes.empty());
}

}  // namespace
}  // namespace usher::test
