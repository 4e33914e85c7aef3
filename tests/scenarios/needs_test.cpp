#include <gtest/gtest.h>

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

}  // namespace
}  // namespace usher::test
