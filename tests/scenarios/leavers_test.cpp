#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/plan_text.hpp"
#include "tests/support/world.hpp"

namespace usher::test {
namespace {

using nlohmann::json;

json user(const std::string& id, const std::string& identity) {
  return {{"id", id}, {"name", id}, {"credentials", {{"identity", identity}}}, {"status", "enabled"}};
}

TEST(Leavers, AreFoundOnThePlatformInTheFirstRun) {
  World world(json::array(
      {user("a", "ada@example.com"), user("b", "blaise@example.com"), user("z", "zoe@example.com")}));
  world.people(
      "E1,Ada,Lovelace,ada@example.com,engineering,left\n"
      "E3,Blaise,Pascal,blaise@example.com,sales,active\n");
  const World::Sync first = world.sync();
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "disabled");     // not active any more
  EXPECT_EQ(world.account("blaise@example.com").value("status", ""), "disabled");  // out of scope
  EXPECT_EQ(world.account("zoe@example.com").value("status", ""), "enabled");      // nobody's
  const Plan second = world.plan();
  EXPECT_TRUE(second.changes.empty()) << content_of(second);
}

TEST(Leavers, OfOldDoNotTakeTheAccountOfWhoCameBack) {
  World world(json::array({user("a", "ada@example.com")}));
  world.people(
      "E1,Ada,Lovelace,ada@example.com,engineering,left\n"
      "E9,Ada,Lovelace,ada@example.com,engineering,active\n");
  const World::Sync first = world.sync();
  EXPECT_TRUE(first.plan.notes.empty()) << content_of(first.plan);
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "enabled");
  EXPECT_EQ(world.account("ada@example.com").value("name", ""), "Ada Lovelace");
  const Plan second = world.plan();
  EXPECT_TRUE(second.changes.empty() && second.notes.empty()) << content_of(second);
}

TEST(Leavers, WithoutAnAccountAreLookedForAgainWhenOneAppears) {
  World world;
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,left\n");
  EXPECT_TRUE(world.sync().plan.changes.empty());
  world.platform().change("mainflux", {{"insert", user("a", "ada@example.com")}});
  world.sync();
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "disabled");
}

TEST(EmptyPlatform, IsNoProofThatEverybodyIsGone) {
  World world;
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.sync();
  world.platform().set_faults(json::array({{{"method", "GET"},
                                            {"path", "/users"},
                                            {"body", R"({"limit":100,"users":[]})"},
                                            {"status", 200},
                                            {"count", 1000}}}));
  const std::vector<PullReport> pulls = world.pull();
  const auto iot =
      std::find_if(pulls.begin(), pulls.end(), [](const PullReport& pull) { return pull.platform == "iot"; });
  EXPECT_FALSE(iot->sealed);
  EXPECT_NE(iot->why_not.find("nobody was answered"), std::string::npos) << iot->why_not;
  EXPECT_EQ(iot->removed, 0U);
}

}  // namespace
}  // namespace usher::test
