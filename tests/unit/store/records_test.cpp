// People, wanted accounts, links, journal, plans: what the engine keeps between its stages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/model/sha256.hpp"
#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/plans.hpp"
#include "state/store/wanted.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Records : public ::testing::Test {
 protected:
  Fingerprint id(const std::string& text) { return database_.fingerprints().of_id(text); }
  Fingerprint person(const std::string& text) { return database_.fingerprints().of_person(text); }
  Connection& connection() { return database_.connection(); }

  ScratchFolder folder_;
  Database database_{folder_.state(), Access::write};
  PlatformId platform_ = database_.platform("iot");
};

TEST_F(Records, PeopleArePutReplacedAndErased) {
  People people(connection());
  const std::vector<PersonRow> rows{{person("ada"), "ada", id("record"), true, ""},
                                    {person("bob"), "bob", id("bob"), false, "no mail"}};
  people.put(rows);
  const PersonRow again{person("ada"), "ada", id("another"), false, ""};
  people.put(std::span(&again, 1));
  EXPECT_EQ(people.count(), 2U);
  EXPECT_FALSE(people.find(person("ada"))->active);
  EXPECT_EQ(people.find(person("ada"))->record, id("another"));
  EXPECT_EQ(people.find(person("bob"))->error, "no mail");
  EXPECT_EQ(people.find(id("ada")), std::nullopt) << "keys of persons are not those of accounts";
  std::vector<Fingerprint> keys;
  people.for_each([&](const PersonRow& row) { keys.push_back(row.key); });
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  people.erase(std::vector{person("ada"), person("nobody")});
  EXPECT_EQ(people.count(), 1U);
  people.clear();
  EXPECT_EQ(people.count(), 0U);
}

TEST_F(Records, WantedAccountsAreFoundAndScannedInKeyOrder) {
  Wanted wanted(connection());
  std::vector<WantedRow> rows;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = std::to_string(i);
    rows.push_back(
        {id(name), person(name), static_cast<WantedState>(i % 3), id("digest" + name), std::nullopt});
    if (i % 2 == 0) rows.back().settled = id("settled" + name);
  }
  wanted.put(platform_, std::span(rows).first(10));  // few, then many: buckets are cut finer under way
  wanted.put(platform_, std::span(rows).subspan(10));
  wanted.put(database_.platform("other"), std::span(rows).first(1));
  EXPECT_EQ(wanted.count(platform_), rows.size());

  std::ranges::sort(rows, {}, &WantedRow::key);
  for (const std::size_t slices : {1U, 2U, 3U, 8U, 1000U}) {
    std::size_t at = 0;
    for (const KeySlice& slice : key_slices(slices)) {
      WantedScan scan(connection(), platform_, slice);
      while (scan.next()) {
        ASSERT_LT(at, rows.size());
        const WantedRow& row = rows[at++];
        ASSERT_EQ(scan.key(), row.key);
        ASSERT_EQ(scan.has_settled(), row.settled.has_value());
        ASSERT_EQ(scan.settled(), row.settled.value_or(Fingerprint{}));
        ASSERT_EQ(scan.state(), row.state);
        ASSERT_EQ(scan.person(), row.person);
        ASSERT_EQ(scan.digest(), row.digest);
      }
      EXPECT_FALSE(scan.next());
    }
    EXPECT_EQ(at, rows.size()) << slices;
  }
  const std::optional<WantedRow> one = wanted.find(platform_, id("7"));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->person, person("7"));
  EXPECT_EQ(one->settled, std::nullopt);
  EXPECT_EQ(wanted.find(platform_, id("none")), std::nullopt);
}

TEST_F(Records, WantedAccountsKeepWhatWasSettledWhileTheyWantTheSame) {
  Wanted wanted(connection());
  WantedRow row{id("a"), person("a"), WantedState::present, id("digest"), std::nullopt};
  const auto put = [&] { wanted.put(platform_, std::span(&row, 1)); };
  const auto settled = [&] { return wanted.find(platform_, id("a"))->settled; };
  put();
  const std::vector<Settled> pairs{{id("a"), id("account")}, {id("not there"), id("account")}};
  wanted.set_settled(platform_, pairs);
  EXPECT_EQ(settled(), id("account"));
  EXPECT_EQ(wanted.count(platform_), 1U);
  put();
  EXPECT_EQ(settled(), id("account"));
  row.digest = id("another");
  put();
  EXPECT_EQ(settled(), std::nullopt);
  wanted.set_settled(platform_, pairs);
  row.state = WantedState::leaver;
  put();
  EXPECT_EQ(settled(), std::nullopt);
  row.settled = id("given");
  put();
  EXPECT_EQ(settled(), id("given"));
  wanted.erase(platform_, std::vector{id("a"), id("not there")});
  EXPECT_EQ(wanted.count(platform_), 0U);
  put();
  wanted.clear(platform_);
  EXPECT_EQ(wanted.find(platform_, id("a")), std::nullopt);
}

TEST_F(Records, LinksAreFoundFromBothSides) {
  Links links(connection());
  const std::vector<Link> both{{"bob", "2", id("2"), std::nullopt,
                                LinkOrigin{LinkOrigin::Kind::matched, "mail"}, "2026-01-01T00:00:00Z"},
                               {"ada", "1", id("1"), id("applied"), LinkOrigin{}, "2026-01-02T00:00:00Z"}};
  links.put(platform_, both);
  EXPECT_EQ(links.of_person(platform_, "ada")->account, "1");
  EXPECT_EQ(links.of_person(platform_, "ada")->applied, id("applied"));
  EXPECT_EQ(links.of_account(platform_, id("2"))->person, "bob");
  EXPECT_EQ(links.of_account(platform_, id("2"))->applied, std::nullopt);
  EXPECT_EQ(links.of_person(database_.platform("other"), "ada"), std::nullopt);
  links.set_applied(platform_, "bob", id("new"));
  EXPECT_EQ(links.of_person(platform_, "bob")->applied, id("new"));
  EXPECT_EQ(links.count(platform_), 2U);

  std::vector<std::string> persons;
  links.for_each_by_person(platform_, [&](const Link& link) { persons.push_back(link.person); });
  EXPECT_THAT(persons, ElementsAre("ada", "bob"));
  std::vector<Fingerprint> keys;
  links.for_each_by_account(platform_, [&](const Link& link) { keys.push_back(link.key); });
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_EQ(keys.size(), 2U);

  links.end(platform_, "ada", parted_by_hand, "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(links.of_account(platform_, id("1")), std::nullopt);
}

TEST_F(Records, LinksThatEndedWithoutTheirAccountsAreRememberedAndDecideNothing) {
  Links links(connection());
  const LinkOrigin matched{LinkOrigin::Kind::matched, "mail"};
  for (const char* why : {parted_by_hand, parted_by_undo, passed_on}) {
    SCOPED_TRACE(why);
    const Link link{why, why, id(why), std::nullopt, matched, "2026-01-01T00:00:00.000Z"};
    links.put(platform_, std::span(&link, 1));
    links.end(platform_, why, why, "2026-03-01T00:00:00.000Z");
    const std::vector<RememberedLink> all = links.all_of(platform_, why, std::nullopt);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].how, matched);
    EXPECT_EQ(all[0].since, "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(all[0].ended_at, "2026-03-01T00:00:00.000Z");
    EXPECT_EQ(all[0].why, why);
    EXPECT_FALSE(links.last_ended(platform_, why));
    EXPECT_EQ(links.ended_holder(platform_, id(why)), "");
    EXPECT_EQ(links.holder_at(platform_, id(why), "2026-02-01T00:00:00.000Z"), why);
    EXPECT_EQ(links.holder_at(platform_, id(why), "2026-03-01T00:00:00.000Z"), "");
  }
}

TEST_F(Records, AnEndThatIsUndoneDecidesNothing) {
  Links links(connection());
  const Link link{"ada", "1", id("1"), std::nullopt, LinkOrigin{}, "2026-01-01T00:00:00.000Z"};
  links.put(platform_, std::span(&link, 1));
  links.end(platform_, "ada", deleted_by_usher, "2026-03-01T00:00:00.000Z");
  ASSERT_TRUE(links.last_ended(platform_, "ada"));
  EXPECT_TRUE(links.last_ended(platform_, "ada")->deleted);
  EXPECT_EQ(links.ended_holder(platform_, id("1")), "ada");
  links.undo_ends(platform_, id("1"));
  EXPECT_FALSE(links.last_ended(platform_, "ada"));
  EXPECT_EQ(links.ended_holder(platform_, id("1")), "");
  EXPECT_EQ(links.holder_at(platform_, id("1"), "2026-02-01T00:00:00.000Z"), "ada") << "it was theirs";
}

TEST_F(Records, ALinkNeverTakesAnAccountFromSomebodyElse) {
  Links links(connection());
  const Link adas{"ada", "1", id("1"), std::nullopt, LinkOrigin{}, ""};
  links.put(platform_, std::span(&adas, 1));
  const std::vector<Link> wrong{
      {"eve", "9", id("9"), std::nullopt, LinkOrigin{LinkOrigin::Kind::matched}, ""},
      {"bob", "1", id("1"), std::nullopt, LinkOrigin{LinkOrigin::Kind::matched}, ""}};
  try {
    links.put(platform_, wrong);
    FAIL() << "put";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'1' is linked to 'ada'"));
  }
  EXPECT_EQ(links.of_person(platform_, "eve"), std::nullopt) << "all or none";
  const Link moved{"ada", "2", id("2"), std::nullopt, LinkOrigin{LinkOrigin::Kind::matched}, ""};
  links.put(platform_, std::span(&moved, 1));
  EXPECT_EQ(links.of_account(platform_, id("1")), std::nullopt);
}

JournalEntry entry(std::int64_t seq, const std::string& platform) {
  JournalEntry entry;
  entry.seq = seq;
  entry.operation = "op" + std::to_string(seq);
  entry.platform = platform;
  entry.kind = "create";
  entry.person = "ada";
  entry.label = "Ada";
  entry.detail = "{}";
  return entry;
}

TEST_F(Records, TheJournalFollowsEachOperation) {
  Journal journal(connection());
  const std::int64_t run = journal.begin_run("usher apply", "2026-01-01T00:00:00Z");
  const std::vector<JournalEntry> plan{entry(1, "iot"), entry(2, "iot"), entry(3, "other")};
  journal.plan(run, "cafe", plan);
  EXPECT_EQ(Snapshots(connection()).platform(platform_).written_at, "");
  journal.mark_sent(run, std::vector<std::int64_t>{1, 2}, "2026-01-01T00:00:01Z");
  EXPECT_EQ(Snapshots(connection()).platform(platform_).written_at, "2026-01-01T00:00:01Z");
  EXPECT_EQ(Snapshots(connection()).platform(database_.platform("other")).written_at, "");
  journal.mark_ended(run, std::vector<OperationOutcome>{{1, OperationState::done, "id-1", ""}},
                     "2026-01-01T00:00:02Z");

  std::vector<std::string> seen;
  journal.for_each_operation(run, [&](const JournalEntry& each) {
    seen.push_back(each.operation + " " + to_string(each.state) + " " + each.account + " " + each.sent_at +
                   " " + each.ended_at);
  });
  EXPECT_THAT(seen, ElementsAre("op1 done id-1 2026-01-01T00:00:01Z 2026-01-01T00:00:02Z",
                                "op2 sent  2026-01-01T00:00:01Z ", "op3 planned   "));

  const std::int64_t later = journal.begin_run("usher apply", "2026-01-02T00:00:00Z");
  EXPECT_THAT(journal.uncertain_before(run), IsEmpty());
  const std::vector<JournalEntry> open = journal.uncertain_before(later);
  ASSERT_EQ(open.size(), 1U) << "what was only planned is not uncertain";
  EXPECT_EQ(open[0].state, OperationState::sent);
  EXPECT_EQ(open[0].run, run);
  EXPECT_EQ(journal.open_operations().unsent, 1U);
  EXPECT_EQ(journal.open_operations().uncertain, 1U);
  journal.skip_unsent_before(later, "2026-01-02T00:00:00Z");
  EXPECT_EQ(journal.open_operations().unsent, 0U);
  EXPECT_EQ(open[0].written, 2U) << "the second operation sent to the platform";
  EXPECT_EQ(Snapshots(connection()).platform(platform_).writes, 2U);
  EXPECT_TRUE(Snapshots(connection()).platform(platform_).overtaken());
  journal.mark_ended(run, std::vector<OperationOutcome>{{2, OperationState::failed, "", "not there"}},
                     "2026-01-02T00:00:01Z", later);
  EXPECT_THAT(journal.uncertain_before(later), IsEmpty());
}

TEST_F(Records, RunsAreListedNewestFirst) {
  Journal journal(connection());
  const std::int64_t first = journal.begin_run("usher pull", "2026-01-01T00:00:00Z");
  const std::int64_t second = journal.begin_run("usher apply", "2026-01-02T00:00:00Z");
  journal.plan(second, "cafe", {});
  journal.end_run(second, 3, R"({"done":1})", "2026-01-02T00:00:09Z");
  const std::vector<RunState> runs = journal.runs(10);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].id, second);
  EXPECT_EQ(runs[0].exit_code, 3);
  EXPECT_EQ(runs[0].plan, "cafe");
  EXPECT_EQ(runs[0].summary, R"({"done":1})");
  EXPECT_EQ(runs[1].exit_code, std::nullopt);
  EXPECT_EQ(runs[1].ended_at, "");
  EXPECT_EQ(journal.run(first)->command, "usher pull");
  EXPECT_EQ(journal.run(99), std::nullopt);
  EXPECT_EQ(journal.runs(1).size(), 1U);
}

TEST_F(Records, TheLatestRunsOfEachCommandAreFoundBehindManyOthers) {
  Journal journal(connection());
  const std::string at = "2026-01-01T00:00:00Z";
  const auto ended = [&](const char* command, const char* summary = "{}") {
    const std::int64_t run = journal.begin_run(command, at);
    journal.end_run(run, 0, summary, at);
    return run;
  };
  ended("pull");
  const std::int64_t carried_out = ended("apply", R"({"operations":{"iot":{"done":1}}})");
  const std::int64_t pull = ended("pull"), apply = ended("apply", R"({"operations":null})");
  std::int64_t plan = 0;
  for (int count = 0; count < 300; ++count) plan = ended("plan");
  journal.begin_run("apply", at);  // killed
  std::vector<std::int64_t> found;
  for (const RunState& run : journal.latest_runs()) found.push_back(run.id);
  EXPECT_THAT(found, ElementsAre(plan, apply, pull, carried_out));
}

TEST_F(Records, OperationStatesHaveNames) {
  for (const OperationState state :
       {OperationState::planned, OperationState::sent, OperationState::done, OperationState::failed,
        OperationState::unknown, OperationState::skipped})
    EXPECT_EQ(operation_state(to_string(state)), state);
  EXPECT_THROW(operation_state("maybe"), StoreError);
}

TEST_F(Records, PlansAreFoundByTheBeginningOfTheirDigest) {
  Plans plans(connection());
  const auto content = [](const std::string& text) { return [text](const auto& sink) { sink(text); }; };
  const std::string one = plans.put("2026-01-01T00:00:00Z", content("{1}"));
  const std::string two = plans.put("2026-01-02T00:00:00Z", content("{2}"));
  EXPECT_EQ(one, sha256("{1}"));
  EXPECT_THAT(plans.find(""), ElementsAre(std::min(one, two), std::max(one, two)));
  EXPECT_THAT(plans.find(two.substr(0, 10)), ElementsAre(two));
  EXPECT_THAT(plans.find("%"), IsEmpty());
  EXPECT_EQ(plans.put("2026-01-03T00:00:00Z", content("{1}")), one);
  EXPECT_THAT(plans.find(""), testing::SizeIs(2));
  EXPECT_EQ(plans.load(one)->content, "{1}");
  EXPECT_EQ(plans.load(one)->created_at, "2026-01-03T00:00:00Z");
  EXPECT_FALSE(plans.load(one.substr(0, 10)));
}

TEST_F(Records, PlansComeBackWholeHoweverLargeTheyAre) {
  std::string whole;
  Plans plans(connection());
  const std::string digest = plans.put("2026-01-01T00:00:00Z", [&](const auto& sink) {
    for (int i = 0; i < 50'000; ++i) {
      const std::string piece = std::string(60, 'x') + std::to_string(i);
      whole += piece;
      sink(piece);
    }
  });
  EXPECT_EQ(plans.load(digest)->content, whole);
}

}  // namespace
}  // namespace usher
