#include <gtest/gtest.h>

#include "tests/support/plan_text.hpp"
#include "tests/support/world.hpp"

namespace usher::test {
namespace {

using nlohmann::json;

constexpr const char* three_people =
    "E1,Ada,Lovelace,Ada@Example.com,engineering,active\n"
    "E2,Grace,Hopper,grace@example.com,operations,active\n"
    "E3,Blaise,Pascal,blaise@example.com,sales,active\n";

TEST(World, CreatesWhoIsMissingAndTheSecondRunIsEmpty) {
  World world;
  world.people(three_people);
  const World::Sync first = world.sync();
  for (const auto& pull : first.pulls) EXPECT_TRUE(pull.sealed) << pull.platform << ": " << pull.why_not;
  for (const auto& note : first.plan.notes) ADD_FAILURE() << to_string(note.kind) << ": " << note.message;
  for (const auto& trouble : first.report.troubles)
    ADD_FAILURE() << to_string(trouble.state) << ": " << trouble.message;
  EXPECT_EQ(first.plan.changes.size(), 2U);
  EXPECT_EQ(world.accounts().size(), 2U) << world.accounts().dump(1);
  EXPECT_EQ(world.account("ada@example.com").value("name", ""), "Ada Lovelace");
  const std::size_t writes = world.writes();

  const Plan second = world.plan();
  EXPECT_TRUE(second.changes.empty()) << content_of(second);
  EXPECT_TRUE(second.notes.empty()) << content_of(second);
  world.sync();
  EXPECT_EQ(world.writes(), writes);
}

TEST(World, OneCellIsOneChangeWithItsReason) {
  World world;
  world.people(three_people);
  world.sync();
  std::string edited = three_people;
  edited.replace(edited.find("Hopper"), 6, "Murray");
  world.people(edited);
  const Plan plan = world.plan();
  ASSERT_EQ(plan.changes.size(), 1U) << content_of(plan);
  EXPECT_EQ(plan.changes[0].because, "its record in hr changed");
  ASSERT_EQ(plan.changes[0].fields.size(), 1U);
  EXPECT_EQ(plan.changes[0].fields[0].after, "Grace Murray");
  world.apply(plan);
  EXPECT_EQ(world.account("grace@example.com").value("name", ""), "Grace Murray");
  EXPECT_TRUE(world.plan().changes.empty());
}

TEST(World, LeaversAreDisabledAndComeBack) {
  World world;
  world.people(three_people);
  world.sync();
  world.people("E2,Grace,Hopper,grace@example.com,operations,active\n");
  world.sync();
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "disabled");
  EXPECT_TRUE(world.plan().changes.empty());
  world.people(three_people);
  world.sync();
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "enabled");
  EXPECT_TRUE(world.plan().changes.empty());
}

}  // namespace
}  // namespace usher::test
