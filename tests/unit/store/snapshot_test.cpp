#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "state/store/fault.hpp"
#include "state/store/scan.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Snapshot : public ::testing::Test {
 protected:
  Published pull(const World& world, const Publication& publication = sealed()) {
    return test::pull(database_, platform_, world, publication);
  }
  World alive() { return test::alive(connection(), platform_); }
  Connection& connection() { return database_.connection(); }
  std::int64_t versions() { return number(connection(), "select count(*) from body"); }
  Snapshots snapshots() { return Snapshots(connection()); }
  Fingerprint key(const std::string& id) { return database_.fingerprints().of_id(id); }

  ScratchFolder folder_;
  Database database_{folder_.state(), Access::write};
  PlatformId platform_ = database_.platform("iot");
};

TEST_F(Snapshot, HoldsAnAccountWhole) {
  Account ada = account("ada", R"({"mail":"ada@example.com"})");
  ada.active = false;
  ada.summary = true;
  ada.memberships = R"({"group":{"g1":["c_list"]}})";
  SnapshotWriter writer(database_, platform_);
  writer.add(prepared(database_, std::vector<Account>{ada}));
  writer.publish(sealed());

  const std::optional<StoredAccount> stored = snapshots().find(platform_, key("ada"));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->account.id, "ada");
  EXPECT_FALSE(stored->account.active);
  EXPECT_TRUE(stored->account.summary);
  EXPECT_EQ(stored->account.attributes, ada.attributes);
  EXPECT_EQ(stored->account.memberships, ada.memberships);
  EXPECT_EQ(stored->generation, 1U);
  EXPECT_EQ(stored->digest, prepare(ada, database_.fingerprints()).digest);
  EXPECT_EQ(snapshots().at(stored->row)->account.id, "ada");
  EXPECT_EQ(snapshots().find(platform_, key("bob")), std::nullopt);
}

TEST_F(Snapshot, TellsEveryPartOfAnAccountApart) {
  const Account plain = account("ada");
  std::vector<Account> all(5, plain);
  all[1].active = false;
  all[2].summary = true;
  all[3].attributes = R"({"a":1})";
  all[4].memberships = R"({"a":1})";
  std::vector<PreparedAccount> each = prepared(database_, all);
  for (std::size_t i = 0; i < each.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(each[i].digest, each[j].digest) << i << " " << j;
}

TEST_F(Snapshot, OfASealedPullReplacesAddsAndRemoves) {
  pull({{"a", "1"}, {"b", "1"}, {"c", "1"}});
  const Published second = pull({{"a", "1"}, {"b", "2"}, {"d", "1"}});
  EXPECT_EQ(second.generation, 2U);
  EXPECT_EQ(second.added, 1U);
  EXPECT_EQ(second.changed, 1U);
  EXPECT_EQ(second.removed, 1U);
  EXPECT_EQ(second.accounts, 3U);
  EXPECT_EQ(alive(), (World{{"a", "1"}, {"b", "2"}, {"d", "1"}}));
}

TEST_F(Snapshot, OfAPartialPullRemovesNothing) {
  pull({{"a", "1"}, {"b", "1"}});
  const Published second = pull({{"b", "2"}, {"c", "1"}}, partial("cut"));
  EXPECT_EQ(second.removed, 0U);
  EXPECT_EQ(second.accounts, 3U);
  EXPECT_EQ(alive(), (World{{"a", "1"}, {"b", "2"}, {"c", "1"}}));
  const PlatformState state = snapshots().platform(platform_);
  EXPECT_FALSE(state.sealed);
  EXPECT_EQ(state.why_not, "cut");
}

TEST_F(Snapshot, OfAnUnchangedPullWritesNoAccount) {
  const World world{{"a", "1"}, {"b", "1"}};
  pull(world);
  const std::int64_t before = versions();
  connection().execute(
      "create temp trigger no_insert before insert on body begin select raise(abort, 'body'); end;"
      "create temp trigger no_update before update on body begin select raise(abort, 'body'); end;"
      "create temp trigger no_pack before insert on packed begin select raise(abort, 'packed'); end");
  const Published second = pull(world);
  EXPECT_EQ(second.added + second.changed + second.removed, 0U);
  EXPECT_EQ(second.generation, 2U);
  EXPECT_EQ(versions(), before);
  EXPECT_THROW(pull({{"a", "2"}, {"b", "1"}}), StoreError) << "the triggers do bite";
}

TEST_F(Snapshot, ShowsNothingBeforeItIsPublished) {
  pull({{"a", "1"}});
  SnapshotWriter writer(database_, platform_);
  World many;
  for (int i = 0; i < 10000; ++i) many["n" + std::to_string(i)] = "1";  // more than a batch
  many["a"] = "2";
  writer.add(prepared(database_, many));
  EXPECT_GT(versions(), 1) << "a batch is on disk";
  EXPECT_EQ(alive(), (World{{"a", "1"}}));
  EXPECT_EQ(number(connection(), "select count(*) from accounts"), 1);
  EXPECT_EQ(number(connection(), "select count(*) from history"), 0);
  writer.publish(sealed());
  EXPECT_EQ(alive(), many);
}

TEST_F(Snapshot, DiscardedLeavesNoTrace) {
  pull({{"a", "1"}});
  const std::int64_t before = versions();
  World many;
  for (int i = 0; i < 10000; ++i) many["n" + std::to_string(i)] = "1";
  {
    SnapshotWriter writer(database_, platform_);
    writer.add(prepared(database_, many));
    writer.discard();
  }
  EXPECT_EQ(versions(), before);
  {
    SnapshotWriter forgotten(database_, platform_);
    forgotten.add(prepared(database_, many));
    EXPECT_GT(versions(), before);
  }
  EXPECT_EQ(versions(), before);
  EXPECT_EQ(snapshots().platform(platform_).generation, 1U);
}

TEST_F(Snapshot, WritersOfTwoPlatformsAlternate) {
  const PlatformId other = database_.platform("hr");
  World ours, theirs;
  SnapshotWriter first(database_, platform_), second(database_, other);
  for (int i = 0; i < 12000; ++i) {
    const World one{{std::to_string(i), "ours"}}, two{{std::to_string(i), "theirs"}};
    ours.insert(one.begin(), one.end());
    theirs.insert(two.begin(), two.end());
    first.add(prepared(database_, one));
    second.add(prepared(database_, two));
  }
  first.publish(sealed());
  second.discard();
  EXPECT_EQ(alive(), ours);
  EXPECT_THAT(test::alive(connection(), other), IsEmpty());
  test::pull(database_, other, theirs);
  EXPECT_EQ(test::alive(connection(), other), theirs);
  EXPECT_EQ(alive(), ours);
}

TEST_F(Snapshot, CountsRepetitionsAndLetsTheLastOneWin) {
  pull({{"same", "1"}, {"back", "1"}, {"away", "1"}});
  SnapshotWriter writer(database_, platform_);
  const auto show = [&](const std::string& id, const std::string& attributes) {
    writer.add(prepared(database_, World{{id, attributes}}));
  };
  show("same", "1");
  show("same", "1");  // equal, as it lived
  show("back", "2");
  show("back", "1");  // different: as it lived again
  show("away", "1");
  show("away", "2");  // different
  show("away", "2");  // equal
  show("new", "1");
  show("new", "2");  // different
  show("new", "2");  // equal
  EXPECT_EQ(writer.seen(), 10U);
  EXPECT_EQ(writer.repeated_equal(), 3U);
  EXPECT_EQ(writer.repeated_different(), 3U);
  EXPECT_EQ(writer.distinct(), 4U);
  const Published published = writer.publish(partial());
  EXPECT_EQ(published.added, 1U);
  EXPECT_EQ(published.changed, 1U);
  EXPECT_EQ(alive(), (World{{"same", "1"}, {"back", "1"}, {"away", "2"}, {"new", "2"}}));
  EXPECT_EQ(versions(), 5) << "three living as before, the changed one, the new one; no loser stays";
}

TEST_F(Snapshot, RemovesEverythingWhenASealedPullIsEmpty) {
  pull({{"a", "1"}, {"b", "1"}});
  EXPECT_EQ(pull({}).removed, 2U);
  EXPECT_THAT(alive(), IsEmpty());
  EXPECT_EQ(pull({{"a", "1"}}).added, 1U);
  EXPECT_EQ(alive(), (World{{"a", "1"}}));
}

TEST_F(Snapshot, AnswersAsOfAnyGenerationItHolds) {
  const std::vector<World> worlds{{{"a", "1"}, {"b", "1"}}, {{"a", "2"}, {"c", "1"}}, {}, {{"b", "1"}}};
  for (const World& world : worlds) pull(world);
  for (std::size_t i = 0; i < worlds.size(); ++i)
    EXPECT_EQ(as_of(connection(), platform_, i + 1), worlds[i]) << i;
  EXPECT_TRUE(snapshots().row_slices_as_of(platform_, 9, 1).empty());
}

TEST_F(Snapshot, TellsWhatCameAndWentSinceAGeneration) {
  pull({{"a", "1"}, {"b", "1"}, {"c", "1"}});
  pull({{"a", "2"}, {"b", "1"}, {"d", "1"}});
  pull({{"a", "2"}, {"b", "2"}, {"c", "9"}});
  const auto since = [&](std::uint64_t generation) {
    World world;
    for (const RowSlice& slice : snapshots().row_slices_since(platform_, generation, 3))
      snapshots().for_each_alive(slice,
                                 [&](const AccountView& each) { world.emplace(each.id, each.attributes); });
    return world;
  };
  const auto gone = [&](std::uint64_t generation) {
    std::vector<Fingerprint> keys;
    EXPECT_TRUE(snapshots().for_each_gone_since(platform_, generation,
                                                [&](const AccountView& each) { keys.push_back(each.key); }));
    return keys;
  };
  EXPECT_EQ(since(0), (World{{"a", "2"}, {"b", "2"}, {"c", "9"}}));
  EXPECT_EQ(since(1), (World{{"a", "2"}, {"b", "2"}, {"c", "9"}}));
  EXPECT_EQ(since(2), (World{{"b", "2"}, {"c", "9"}}));
  EXPECT_THAT(since(3), IsEmpty());
  EXPECT_THAT(gone(0), IsEmpty());
  EXPECT_THAT(gone(1), IsEmpty()) << "c went and came back";
  EXPECT_THAT(gone(2), ElementsAre(key("d")));
  EXPECT_FALSE(snapshots().for_each_gone_since(platform_, 8, [](const AccountView&) {}));
}

TEST_F(Snapshot, CutsRowsIntoSlicesThatMissNothing) {
  World world;
  for (int i = 0; i < 1000; ++i) world[std::to_string(i)] = "1";
  pull(world);
  for (const std::size_t count : {1U, 2U, 7U, 999U, 5000U}) {
    EXPECT_LE(snapshots().row_slices(platform_, count).size(), std::min<std::size_t>(count, 1000));
    EXPECT_EQ(test::alive(connection(), platform_, count), world) << count;
  }
  EXPECT_THAT(snapshots().row_slices(database_.platform("new"), 4), IsEmpty());
}

TEST_F(Snapshot, KeepsEntitlementsOfPartialPulls) {
  const auto names = [&] {
    std::vector<std::string> all;
    for (const Entitlement& e : snapshots().entitlements(platform_)) all.push_back(e.id + "=" + e.name);
    return all;
  };
  Publication publication = sealed();
  publication.entitlements = {{"group", "2", "two", ""}, {"group", "1", "one", "tenant"}};
  pull({}, publication);
  EXPECT_THAT(names(), ElementsAre("1=one", "2=two"));
  Publication cut = partial();
  cut.entitlements = {{"group", "2", "second", ""}, {"group", "3", "three", ""}};
  pull({}, cut);
  EXPECT_THAT(names(), ElementsAre("1=one", "2=second", "3=three"));
  publication.entitlements.pop_back();
  pull({}, publication);
  EXPECT_THAT(names(), ElementsAre("2=two"));
}

TEST_F(Snapshot, IsDescribed) {
  Publication publication = sealed("2026-02-03T04:05:06Z");
  publication.self = "robot";
  publication.source = "size 7";
  pull({{"a", "1"}}, publication);
  pull({{"a", "2"}}, partial("cut"));
  const PlatformState state = *snapshots().platform("iot");
  EXPECT_EQ(state.generation, 2U);
  EXPECT_EQ(state.self, "robot") << "a pull that does not know it changes nothing";
  EXPECT_EQ(state.source, "");
  EXPECT_EQ(state.accounts, 1U);
  EXPECT_EQ(snapshots().platform("none"), std::nullopt);
  const std::vector<SnapshotState> list = snapshots().snapshots(platform_, 10);
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].generation, 2U);
  EXPECT_EQ(list[0].why_not, "cut");
  EXPECT_EQ(list[0].changed, 1U);
  EXPECT_EQ(list[1].started_at, "2026-02-03T04:05:06Z");
  EXPECT_EQ(list[1].added, 1U);
  EXPECT_EQ(snapshots().snapshots(platform_, 1).size(), 1U);
}

TEST_F(Snapshot, CanBeReadByAPerson) {
  pull({{"a", R"({"mail":"a@example.com"})"}, {"b", "{}"}});
  pull({{"a", R"({"mail":"b@example.com"})"}}, sealed("2026-05-05T00:00:00Z"));
  Statement select = connection().prepare("select platform, id, active, attributes, since from accounts");
  ASSERT_TRUE(select.step());
  EXPECT_EQ(select.text(0), "iot");
  EXPECT_EQ(select.text(1), "a");
  EXPECT_EQ(select.text(3), R"({"mail":"b@example.com"})");
  EXPECT_EQ(select.text(4), "2026-05-05T00:00:00Z");
  EXPECT_FALSE(select.step());
  EXPECT_EQ(number(connection(), "select count(*) from history where until = '2026-05-05T00:00:00Z'"), 2);
  EXPECT_EQ(number(connection(), "select count(*) from pulls where removed = 1"), 1);
}

/// What makes a pull of known accounts fast: no lookup for each of them.
TEST_F(Snapshot, ReadsOnInStepWithThePull) {
  constexpr std::size_t count = 5000, page = 100;
  std::vector<Account> accounts;
  for (std::size_t i = 0; i < count; ++i) accounts.push_back(account("n" + std::to_string(i), "1"));
  const auto statements = [&](const std::vector<Account>& in) {
    SnapshotWriter writer(database_, platform_);
    arm_statement_fault(0, StatementFault::fail);
    for (auto first = in.begin(); first < in.end(); first += page)
      writer.add(prepared(database_, std::vector<Account>(first, first + page)));
    const std::uint64_t begun = statements_begun();
    disarm_statement_fault();
    writer.publish(sealed());
    return begun;
  };
  statements(accounts);
  EXPECT_LT(statements(accounts), 2 * count / page) << "in the order of the last pull";
  std::vector<Account> overtaken;  // pages that overtook one another
  for (std::size_t block = 0; block < count; block += 500) {
    overtaken.insert(overtaken.begin(), accounts.begin() + static_cast<std::ptrdiff_t>(block),
                     accounts.begin() + static_cast<std::ptrdiff_t>(block + 500));
  }
  EXPECT_LT(statements(overtaken), 4 * count / page) << "pages that overtook one another";
  std::vector<Account> with_gaps = accounts;
  for (std::size_t i = 0; i < count; i += 50) with_gaps[i].attributes = "2";
  statements(with_gaps);
  EXPECT_LT(statements(with_gaps), 2 * count / page + 2 * count / 50) << "after one in fifty changed";
}

/// Pulls in other orders than the last one must find every account all the same.
TEST_F(Snapshot, DoesNotDependOnTheOrderOfArrival) {
  constexpr int count = 5000;
  std::vector<Account> accounts;
  for (int i = 0; i < count; ++i) accounts.push_back(account("n" + std::to_string(i), "1"));
  const auto arrive = [&](const std::vector<Account>& in) {
    SnapshotWriter writer(database_, platform_);
    for (std::size_t at = 0; at < in.size(); at += 100) {
      const std::vector<Account> page(
          in.begin() + static_cast<std::ptrdiff_t>(at),
          in.begin() + static_cast<std::ptrdiff_t>(std::min(at + 100, in.size())));
      writer.add(prepared(database_, page));
    }
    EXPECT_EQ(writer.distinct(), in.size());
    return writer.publish(sealed());
  };
  arrive(accounts);
  std::vector<Account> reversed(accounts.rbegin(), accounts.rend());
  std::vector<Account> rotated = accounts;
  std::rotate(rotated.begin(), rotated.begin() + 1234, rotated.end());
  std::vector<Account> blocks;  // pages that overtook one another
  for (int block = 4; block >= 0; --block)
    blocks.insert(blocks.end(), accounts.begin() + block * 1000, accounts.begin() + (block + 1) * 1000);
  for (const auto& order : {reversed, rotated, blocks}) {
    const Published published = arrive(order);
    EXPECT_EQ(published.added + published.changed + published.removed, 0U);
  }
  accounts[77].attributes = "2";
  EXPECT_EQ(arrive(reversed).changed, 0U);
  EXPECT_EQ(arrive(accounts).changed, 1U);
  accounts.erase(accounts.begin() + 10, accounts.begin() + 20);
  EXPECT_EQ(arrive(accounts).removed, 10U);
  EXPECT_EQ(arrive(accounts).removed, 0U);
}

}  // namespace
}  // namespace usher
