#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

namespace usher::test::renumbering {
namespace {

using Lines = std::vector<std::string>;

std::string row(const std::string& key, const std::string& name) {
  return fmt::format("{},{},Test,{}@example.com,operations,active\n", key, name, name);
}

std::vector<Relinked> relink(World& world, const std::vector<NewKey>& people) {
  NoProgress progress;
  return Session(world.options(), progress, {}).relink(people);
}

ExitCode refusal(World& world, const std::vector<NewKey>& people) {
  try {
    relink(world, people);
  } catch (const CommandError& error) {
    return error.code();
  }
  return ExitCode::done;
}

/// Ada and Bob have accounts, and both have new keys by now.
void renumbered(World& world) {
  world.people(row("C1", "ada") + row("C2", "bob"));
  world.sync();
  world.people(row("E1", "ada") + row("E2", "bob"));
  const Plan plan = world.plan();
  ASSERT_EQ(lines_of(plan), Lines());
  ASSERT_EQ(notes_of(plan), (Lines{"renumbered E1", "renumbered E2"}));
}

TEST(Renumbering, RelinkHandsOnWhatTheOldKeyHas) {
  World world;
  renumbered(world);
  const auto accounts = relink(world, {{"C1", "E1"}, {"C2", "E2"}});
  ASSERT_EQ(accounts.size(), 2U);
  EXPECT_EQ(accounts[0].was, "C1");
  EXPECT_EQ(accounts[0].person, "E1");
  const std::size_t before = world.writes();
  const World::Sync after = world.sync();
  EXPECT_EQ(lines_of(after.plan), Lines());
  EXPECT_EQ(notes_of(after.plan), Lines());
  EXPECT_EQ(world.writes(), before) << "everything of the accounts stays as it is";
  world.people(row("E2", "bob"));
  EXPECT_EQ(lines_of(world.sync().plan), Lines{"disable ada@example.com"});
}

TEST(Renumbering, RelinkIsAllOrNothing) {
  World world;
  renumbered(world);
  EXPECT_EQ(refusal(world, {{"C1", "E1"}, {"C2", "E3"}}), ExitCode::usage) << "nobody is E3";
  EXPECT_EQ(notes_of(world.plan()), (Lines{"renumbered E1", "renumbered E2"}))
      << "nor was the first handed on";
  EXPECT_EQ(refusal(world, {{"E1", "E2"}}), ExitCode::usage) << "E1 is declared";
  EXPECT_EQ(refusal(world, {{"C9", "E1"}}), ExitCode::usage) << "C9 never had anything";
}

TEST(Renumbering, UnlinkLetsTheAccountBeFoundAnew) {
  World world;
  renumbered(world);
  NoProgress progress;
  EXPECT_EQ(Session(world.options(), progress, {}).unlink("C1", "iot").was, "C1");
  world.sync();
  EXPECT_EQ(notes_of(world.plan()), Lines{"renumbered E2"});
  world.people(row("E2", "bob"));
  EXPECT_EQ(lines_of(world.plan()), Lines{"disable ada@example.com"}) << "it was found to be that of E1";
}

TEST(Renumbering, LinkSaysWhoseAnAccountIs) {
  World world;
  world.people(row("C1", "ada"));
  world.sync();
  const std::string id = world.account("ada@example.com")["id"];
  world.people(row("C1", "ada") + "E1,Ada,Test,countess@example.com,operations,active\n");
  world.plan();
  NoProgress progress;
  EXPECT_THROW(Session(world.options(), progress, {}).link("E1", id, "iot"), CommandError)
      << "it is that of C1, who is declared";
  EXPECT_THROW(Session(world.options(), progress, {}).link("E1", "nosuch", "iot"), CommandError);
  world.people("E1,Ada,Test,countess@example.com,operations,active\n");
  world.plan();
  EXPECT_EQ(Session(world.options(), progress, {}).link("E1", id, "iot").was, "C1");
  EXPECT_EQ(lines_of(world.sync().plan),
            Lines({"update ada@example.com name", "update ada@example.com credentials.identity"}));
  EXPECT_EQ(lines_of(world.plan()), Lines());
}

}  // namespace
}  // namespace usher::test::renumbering
