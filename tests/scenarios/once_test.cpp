// A plan is carried out once: applied again, after another run, after a kill, or from a snapshot that usher's
// own writes have overtaken, on the platform that refuses no second account of a name.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "engine/runtime/exit_code.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/connection.hpp"
#include "tests/support/sync_elsewhere.hpp"
#include "tests/support/told.hpp"

namespace usher::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* three_people =
    "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
    "E2,Grace,Hopper,grace@example.com,operations,active\n"
    "E3,Blaise,Pascal,blaise@example.com,operations,active\n";

/// An empty platform with the group and the profile that the rules of these tests name.
json empty_world() {
  return {{"users", json::array()},
          {"groups", {{{"id", "g-main"}, {"name", "main"}}}},
          {"profiles",
           {{{"id", "p-guest"}, {"name", "guest"}, {"groupId", "g-main"}},
            {{"id", "p-devices"}, {"name", "devices"}, {"groupId", "g-main"}},
            {{"id", "p-usher"}, {"name", "usher"}, {"groupId", "g-main"}}}}};
}

/// A platform where everything can be there twice.
class Once : public testing::Test {
 protected:
  Once() : world_(empty_world(), "sigfox") {
    world_.rules(rules_over_standard(json::object(), "sigfox"));
    world_.people(three_people);
  }

  /// How many accounts there are of each of the people.
  std::vector<int> accounts() {
    std::map<std::string, int> found;
    const json users = world_.platform_world().at("users");
    for (const json& user : users) ++found[user.at("name")];
    return {found["ada@example.com"], found["grace@example.com"], found["blaise@example.com"]};
  }

  /// What apply says no with.
  CommandError refusal(const Plan& plan) {
    try {
      world_.apply(plan);
    } catch (const CommandError& error) {
      return error;
    }
    ADD_FAILURE() << "the plan was applied";
    return {ExitCode::done, ""};
  }

  void edit_state(const std::string& sql) {
    Connection((world_.folder() / "usher.db").string(), Connection::Mode::write).execute(sql);
  }

  World world_;
};

TEST_F(Once, APlanAppliedAgainIsRefusedAndNamesTheRun) {
  const Plan plan = world_.plan();
  const ApplyReport first = world_.apply(plan);
  EXPECT_THAT(accounts(), Each(1));
  const CommandError again = refusal(plan);
  EXPECT_EQ(again.code(), ExitCode::plan_stale);
  EXPECT_THAT(again.what(), StartsWith(fmt::format("Run {} applied this plan", first.run)));
  EXPECT_THAT(accounts(), Each(1));
}

TEST_F(Once, APlanAppliedAfterASyncCreatesNobody) {
  const Plan plan = world_.plan();
  world_.sync();
  const ApplyReport report = world_.apply(plan);
  EXPECT_THAT(accounts(), Each(1));
  EXPECT_EQ(report.stale, 3U);
  EXPECT_EQ(exit_code(report, plan), ExitCode::plan_stale);
}

TEST_F(Once, APlanAppliedAfterAnotherMadeTheAccountCreatesNobody) {
  const Plan plan = world_.plan();
  const json world = world_.platform_world();
  world_.by_hand("POST", "/v2/api-users/",
                 {{"groupId", world.at("groups")[0].at("id")},
                  {"name", "ada@example.com"},
                  {"timezone", "Europe/Paris"},
                  {"profileIds", {world.at("profiles")[0].at("id")}}});
  world_.pull();
  const ApplyReport report = world_.apply(plan);
  EXPECT_EQ(report.stale, 3U) << "the new account could be anybody's";
  EXPECT_EQ(accounts().front(), 1);
  world_.sync();
  EXPECT_THAT(accounts(), Each(1));
}

TEST_F(Once, APlanFromASnapshotThatUsherOvertookCreatesNobody) {
  world_.pull();
  world_.apply(world_.plan(Refresh::nothing));
  EXPECT_THAT(accounts(), Each(1));
  const Plan plan = world_.plan(Refresh::nothing);
  EXPECT_THAT(lines_of(plan), Not(Contains(StartsWith("create"))));
  ASSERT_FALSE(plan.notes.empty());
  EXPECT_THAT(plan.notes.front().message, HasSubstr("wrote to iot since it was pulled"));
  world_.apply(plan);
  EXPECT_THAT(accounts(), Each(1));
  EXPECT_THAT(lines_of(world_.plan(Refresh::needed)), ElementsAre());
}

TEST_F(Once, AClockThatIsSetBackHidesNoWrite) {
  world_.apply(world_.plan());
  edit_state(
      "update snapshot set started_at = '2099-01-01T00:00:00.000Z', ended_at = '2099-01-01T00:00:01.000Z'");
  EXPECT_THAT(lines_of(world_.plan(Refresh::needed)), ElementsAre());
}

TEST_F(Once, AStateRestoredFromABackupCreatesNobodyBeforeAPull) {
  const Plan plan = world_.plan();
  const auto state = world_.folder() / "usher.db", backup = world_.folder() / "backup.db";
  edit_state("pragma wal_checkpoint(truncate)");
  std::filesystem::copy_file(state, backup);
  world_.apply(plan);
  std::filesystem::remove(state.string() + "-wal");
  std::filesystem::remove(state.string() + "-shm");
  std::filesystem::copy_file(backup, state, std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(lines_of(world_.plan(Refresh::nothing)), Not(Contains(StartsWith("create"))));
  EXPECT_EQ(world_.apply(plan).stale, 3U);
  EXPECT_THAT(accounts(), Each(1));
  world_.sync();
  EXPECT_THAT(accounts(), Each(1));
}

TEST_F(Once, APlanOfAnotherStateIsRefused) {
  World other(empty_world(), "sigfox");
  other.rules(rules_over_standard(json::object(), "sigfox"));
  other.people(three_people);
  const Plan plan = other.plan();
  world_.pull();
  const CommandError refused = refusal(plan);
  EXPECT_EQ(refused.code(), ExitCode::plan_stale);
  EXPECT_THAT(accounts(), Each(0));
}

/// The statement to be killed at after this one: every one of the first few, then ever sparser.
std::uint64_t after(std::uint64_t statement) {
  return statement + 3 + statement / 8;
}

TEST_F(Once, AnApplyKilledAnywhereIsResumedByTheSameCommand) {
  int killed = 0;
  bool met = true;
  for (std::uint64_t statement = 1; met && !HasFailure(); statement = after(statement)) {
    SCOPED_TRACE(fmt::format("statement {}", statement));
    World world(empty_world(), "sigfox");
    world.rules(rules_over_standard(json::object(), "sigfox"));
    world.people(three_people);
    const Plan plan = world.plan();
    const auto file = world.folder() / "p.plan";
    {
      std::ofstream stream(file);
      write_json(plan, 0, [&](std::string_view piece) { stream << piece; });
    }
    met = SyncElsewhere(world, statement, file.string()).killed();
    killed += met ? 1 : 0;
    try {
      world.apply(plan);
    } catch (const CommandError& error) {
      EXPECT_EQ(error.code(), ExitCode::plan_stale) << error.what();
    }
    world.sync();
    EXPECT_THAT(lines_of(world.plan()), ElementsAre());
    std::map<std::string, int> found;
    const json users = world.platform_world().at("users");
    for (const json& user : users) ++found[user.at("name")];
    EXPECT_EQ(found["ada@example.com"], 1);
    EXPECT_EQ(found["grace@example.com"], 1);
    EXPECT_EQ(found["blaise@example.com"], 1);
  }
  EXPECT_GT(killed, 10);
}

TEST_F(Once, WhatNeverLeftIsSentNowAndWhatWasDoneIsNot) {
  world_.platform_options("concurrency: 1, attempts: 1");
  const Plan plan = world_.plan();
  world_.platform().set_faults(json::parse(R"([{"method": "POST", "nth": 2, "count": 100, "status": 403}])"));
  const ApplyReport first = world_.apply(plan);
  world_.platform().set_faults(json::array());
  EXPECT_FALSE(first.troubles.empty());
  const ApplyReport second = world_.apply(plan);
  EXPECT_EQ(second.earlier_run, first.run);
  EXPECT_EQ(second.done_before, first.counts.at("iot").at(OperationState::done));
  for (const int count : accounts()) EXPECT_LE(count, 1);
  world_.sync();
  EXPECT_THAT(accounts(), Each(1));
}

constexpr const char* without_ada =
    "E2,Grace,Hopper,grace@example.com,operations,active\n"
    "E3,Blaise,Pascal,blaise@example.com,operations,active\n";

TEST(StalePlan, TakesNothingFromSomebodyWhoIsBack) {
  World world;
  world.people(three_people);
  world.sync();
  world.people(without_ada);
  const Plan plan = world.plan();
  ASSERT_THAT(lines_of(plan), Contains("disable ada@example.com"));
  world.people(three_people);
  world.pull();
  const ApplyReport report = world.apply(plan);
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "enabled");
  EXPECT_GE(report.stale, 1U);
  EXPECT_EQ(exit_code(report, plan), ExitCode::plan_stale);
}

TEST(StalePlan, StillTakesFromSomebodyWhoIsStillGone) {
  World world;
  world.people(three_people);
  world.sync();
  world.people(without_ada);
  const Plan plan = world.plan();
  world.people(without_ada + std::string("E4,Kim,Lee,kim@example.com,sales,active\n"));
  world.plan();
  const ApplyReport report = world.apply(plan);
  EXPECT_EQ(report.stale, 0U);
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "disabled");
}

TEST(Unsettled, BlocksItsAccountAndNotThePlatform) {
  World world;
  world.platform_options("attempts: 1");
  world.people(three_people);
  world.sync();
  const std::string grace = world.account("grace@example.com").at("id");
  std::string renamed = three_people;
  renamed.replace(renamed.find("Hopper"), 6, "Murray");
  world.people(renamed);
  const auto deaf = json::array({{{"path", "/users/" + grace}, {"cut", true}}});
  world.platform().set_faults(json::array(
      {{{"method", "PATCH"}, {"path", "/users/" + grace}, {"cut", true}, {"after", true}},
       {{"method", "GET"}, {"path", "/users/" + grace}, {"nth", 2}, {"count", 100000}, {"cut", true}}}));
  const World::Sync broken = world.sync();
  ASSERT_EQ(broken.report.counts.at("iot").count(OperationState::unknown), 1U)
      << broken.report.troubles.front().message;
  world.people(
      "E2,Grace,Oliver,grace@example.com,operations,active\n"
      "E3,Blaise,Pascal,blaise@example.com,operations,active\n");
  const World::Sync next = world.sync();
  EXPECT_EQ(world.account("ada@example.com").value("status", ""), "disabled");
  EXPECT_THAT(notes_of(next.plan), ElementsAre("unsettled E2"));
  EXPECT_THAT(lines_of(next.plan), Not(Contains(HasSubstr("grace"))));
  world.platform().set_faults(json::array());
  world.sync();
  EXPECT_EQ(world.account("grace@example.com").value("name", ""), "Grace Oliver");
  EXPECT_THAT(lines_of(world.plan()), ElementsAre());
}

}  // namespace
}  // namespace usher::test
