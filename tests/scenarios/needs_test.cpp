#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/plan_text.hpp"
#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

// What rules do not use is not asked for: where a listing is only a summary, each account alone costs a
// request.
namespace usher::test {
namespace {

using nlohmann::json;

/// Kestra's listing shows e-mail, superAdmin and tenants; these rules use nothing else.
std::string rules_on_the_summary(json more = json::object()) {
  json rules = {
      {"accounts", {{"groups", nullptr}, {"set", {{"firstName", nullptr}, {"lastName", nullptr}}}}}};
  rules.merge_patch(more);  // an object laid over null takes its place
  return rules_over_standard(rules, "kestra");
}

std::size_t read_alone(World& world) {
  std::size_t alone = 0;
  for (const PullReport& pull : world.pull()) alone += pull.alone;
  return alone;
}

TEST(Needs, AccountsAreReadAloneOnlyWhereARuleUsesWhatTheListingDoesNotShow) {
  World world(json::array(), "kestra");
  world.people(
      "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
      "E2,Grace,Hopper,grace@example.com,operations,active\n");
  world.rules(rules_on_the_summary());
  EXPECT_EQ(world.sync().report.troubles.size(), 0U);
  EXPECT_EQ(read_alone(world), 0U);
  const Plan second = world.plan();
  EXPECT_TRUE(second.changes.empty() && second.notes.empty()) << content_of(second);

  for (const json& more : {json{{"accounts", {{"set", {{"lastName", "person.last"}}}}}},
                           json{{"accounts", {{"groups", {{{"group", "engineers"}}}}}}},
                           json{{"accounts", {{"leavers", {{"without-disable", "lock"}}}}}}}) {
    SCOPED_TRACE(more.dump());
    world.rules(rules_on_the_summary(more));
    EXPECT_EQ(read_alone(world), 3U);  // the engine's own account is one of them
    world.rules(rules_on_the_summary());
    EXPECT_EQ(read_alone(world), 0U);
  }
}

TEST(Needs, ANewNeedIsAReasonToReadAgain) {
  World world(json::array(), "kestra");
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.rules(rules_on_the_summary());
  world.sync();
  world.plan(Refresh::needed);
  world.rules(rules_on_the_summary({{"accounts", {{"set", {{"lastName", "person.last"}}}}}}));
  const Plan plan = world.plan(Refresh::needed);
  EXPECT_EQ(lines_of(plan), std::vector<std::string>{"update ada@example.com lastName"});
}

/// How often each route was asked for since `before`.
std::map<std::string, int> asked_since(World& world, const json& before) {
  std::map<std::string, int> since;
  const json now = world.platform().requests("mainflux");
  for (const auto& [route, times] : now.items()) {
    const int more = times.get<int>() - before.value(route, 0);
    if (more > 0) since[route] = more;
  }
  return since;
}

TEST(Needs, AChangeOfAnAttributeCostsTheReadThatVerifiesItAndTheWrite) {
  World world;
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.sync();
  world.people("E1,Ada,King,ada@example.com,engineering,active\n");
  const Plan plan = world.plan();
  ASSERT_EQ(plan.operations.size(), 1U);
  const json before = world.platform().requests("mainflux");
  EXPECT_TRUE(world.apply(plan).troubles.empty());
  std::map<std::string, int> asked = asked_since(world, before);
  asked.erase("POST /users/tokens/issue");
  EXPECT_THAT(asked, testing::ElementsAre(testing::Pair("GET /users/{id}", 1),
                                          testing::Pair("PATCH /users/{id}", 1)));
}

}  // namespace
}  // namespace usher::test
