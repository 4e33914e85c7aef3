#include "state/store/retention.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "state/model/sha256.hpp"
#include "state/store/error.hpp"
#include "state/store/journal.hpp"
#include "state/store/plans.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;

class Pruning : public ::testing::Test {
 protected:
  /// One pull a day, each of them changing "a", from the first of January.
  void pull_days(int days) {
    for (int day = 1; day <= days; ++day)
      pull(database_, platform_, {{"a", std::to_string(day)}, {"b", "1"}},
           sealed(fmt::format("2026-01-{:02}T00:00:00Z", day)));
  }
  Connection& connection() { return database_.connection(); }

  ScratchFolder folder_;
  Database database_{folder_.state(), Access::write};
  PlatformId platform_ = database_.platform("iot");
};

TEST_F(Pruning, KeepsTheLastSnapshotsHoweverOld) {
  pull_days(10);
  const Pruned pruned = prune(connection(), {.snapshots = 4, .history_days = 1}, "2027-01-01T00:00:00Z");
  EXPECT_EQ(pruned.snapshots, 6U);
  EXPECT_EQ(pruned.versions, 6U);
  for (std::uint64_t generation = 7; generation <= 10; ++generation)
    EXPECT_EQ(as_of(connection(), platform_, generation),
              (World{{"a", std::to_string(generation)}, {"b", "1"}}));
  EXPECT_TRUE(Snapshots(connection()).row_slices_as_of(platform_, 6, 1).empty());
  EXPECT_FALSE(Snapshots(connection()).for_each_gone_since(platform_, 6, [](const AccountView&) {}));
}

TEST_F(Pruning, KeepsYoungSnapshotsHoweverMany) {
  pull_days(10);
  const Pruned pruned = prune(connection(), {.snapshots = 1, .history_days = 4}, "2026-01-10T12:00:00Z");
  EXPECT_EQ(pruned.snapshots, 6U) << "the 7th to the 10th are younger than four days";
  EXPECT_EQ(as_of(connection(), platform_, 7), (World{{"a", "7"}, {"b", "1"}}));
}

TEST_F(Pruning, DoesNothingWhenThereIsNothingToForget) {
  pull_days(10);
  const Pruned pruned = prune(connection(), Retention{}, "2027-01-01T00:00:00Z");
  EXPECT_EQ(pruned.versions + pruned.snapshots + pruned.runs + pruned.plans, 0U);
  EXPECT_EQ(as_of(connection(), platform_, 1), (World{{"a", "1"}, {"b", "1"}}));
}

TEST_F(Pruning, NeverTouchesTheLiving) {
  pull_days(3);
  prune(connection(), {.snapshots = 0, .history_days = 0, .run_days = 0, .runs = 0, .plans = 0},
        "2030-01-01T00:00:00Z");
  EXPECT_EQ(alive(connection(), platform_), (World{{"a", "3"}, {"b", "1"}}));
  EXPECT_EQ(pull(database_, platform_, {{"a", "3"}, {"b", "1"}}).generation, 4U);
}

TEST_F(Pruning, ForgetsOldRunsButNotThoseWithOpenOperations) {
  Journal journal(connection());
  JournalEntry entry;
  entry.seq = 1;
  entry.platform = "iot";
  const OperationOutcome done{1, OperationState::done, "", ""};
  const auto keep_plan = [&](const std::string& content, const std::string& at) {
    return Plans(connection()).put(at, [&](const auto& sink) { sink(content); });
  };
  std::int64_t open = 0;
  for (int day = 1; day <= 6; ++day) {
    const std::int64_t run = journal.begin_run("sync", fmt::format("2026-01-{:02}T00:00:00Z", day));
    journal.plan(run, keep_plan("plan " + std::to_string(day), "2026"), std::span(&entry, 1));
    if (day == 2) open = run;
    if (day != 2) journal.mark_ended(run, std::span(&done, 1), "2026");
  }
  keep_plan("never applied", "2025");
  const Pruned pruned = prune(connection(), {.runs = 3, .plans = 1}, "2027-01-01T00:00:00Z");
  EXPECT_EQ(pruned.runs, 2U);
  EXPECT_TRUE(journal.run(open));
  EXPECT_EQ(journal.runs(10).size(), 4U);
  EXPECT_EQ(pruned.plans, 3U) << "those of the two runs and the one that was never applied";
  EXPECT_EQ(Plans(connection()).load(sha256("plan 2"))->content, "plan 2");
  Statement parts = connection().prepare("select count(*) from plan_part");
  EXPECT_TRUE(parts.step());
  EXPECT_EQ(parts.integer(0), 4);
  EXPECT_EQ(prune(connection(), {.runs = 3}, "2026-01-08T00:00:00Z").runs, 0U) << "the rest is young";
}

TEST_F(Pruning, KeepsRunsThatSentSomethingAsLongAsTheHistory) {
  Journal journal(connection());
  JournalEntry entry;
  entry.seq = 1;
  entry.platform = "iot";
  const OperationOutcome done{1, OperationState::done, "", ""};
  const std::int64_t sent = journal.begin_run("apply", "2026-01-01T00:00:00Z");
  journal.plan(sent, "digest", std::span(&entry, 1));
  journal.mark_ended(sent, std::span(&done, 1), "2026-01-01T00:00:00Z");
  const std::int64_t read = journal.begin_run("pull", "2026-01-02T00:00:00Z");
  journal.begin_run("pull", "2026-01-03T00:00:00Z");
  prune(connection(), {.history_days = 60, .run_days = 10, .runs = 1}, "2026-02-01T00:00:00Z");
  EXPECT_TRUE(journal.run(sent));
  EXPECT_FALSE(journal.run(read));
  prune(connection(), {.history_days = 20, .run_days = 10, .runs = 1}, "2026-02-01T00:00:00Z");
  EXPECT_FALSE(journal.run(sent));
}

TEST_F(Pruning, ForgetsTheOldestPlansThatNothingWasSentOfAboveTheirBytes) {
  Journal journal(connection());
  // Text that does not compress: each plan takes about a hundred kilobytes.
  const auto keep_plan = [&](int day) {
    return Plans(connection()).put(fmt::format("2026-01-{:02}", day), [&](const auto& sink) {
      for (int i = 0; i < 3000; ++i) sink(sha256(fmt::format("{} {}", day, i)));
    });
  };
  JournalEntry entry;
  entry.seq = 1;
  entry.platform = "iot";
  std::vector<std::string> digests;
  for (int day = 1; day <= 4; ++day) digests.push_back(keep_plan(day));
  journal.plan(journal.begin_run("apply", "2026-01-01"), digests[0], std::span(&entry, 1));
  prune(connection(), {.plan_bytes = 250'000}, "2026-01-05T00:00:00Z");
  EXPECT_TRUE(Plans(connection()).load(digests[0])) << "it was carried out";
  EXPECT_FALSE(Plans(connection()).load(digests[1]));
  EXPECT_TRUE(Plans(connection()).load(digests[2]));
  EXPECT_TRUE(Plans(connection()).load(digests[3]));
  prune(connection(), {.plan_bytes = 1}, "2026-01-05T00:00:00Z");
  EXPECT_EQ(Plans(connection()).newest(10), (std::vector{digests[3], digests[0]}));
}

TEST_F(Pruning, APlanIsCompressedAndADamagedOneIsRefused) {
  const std::string text(3 << 20, 'x');
  const std::string digest = Plans(connection()).put("2026", [&](const auto& sink) { sink(text); });
  EXPECT_EQ(Plans(connection()).load(digest)->content, text);
  Statement size = connection().prepare("select sum(length(content)) from plan_part");
  EXPECT_TRUE(size.step());
  EXPECT_LT(size.integer(0), 10'000);
  size.reset();
  connection().execute("update plan_part set content = substr(content, 1, length(content) - 3)");
  EXPECT_THROW(Plans(connection()).load(digest), StoreError);
  connection().execute("update plan_part set content = '" + std::string("as it was kept before") + "'");
  EXPECT_EQ(Plans(connection()).load(digest)->content, "as it was kept before");
}

}  // namespace
}  // namespace usher
