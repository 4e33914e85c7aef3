#include "engine/pull/pull.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <utility>

#include "state/store/fault.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/snapshots.hpp"
#include "tests/unit/store/scratch_state.hpp"

// What a pull makes of the pages it is given, with a real state.
namespace usher {
namespace {

using test::ScratchFolder;

Account account(const std::string& id) {
  Account one;
  one.id = id;
  one.attributes = "{}";
  one.memberships = "{}";
  return one;
}

/// Answers the page of a number; a new reading begins at 0.
class Scripted final : public PlainConnector {
 public:
  using Answer = std::function<Outcome<Page>(int reading, int page)>;
  explicit Scripted(Answer answer) : answer_(std::move(answer)) {}

  const Capabilities& capabilities() const override { return capabilities_; }
  bool prove_otherwise() override { return std::exchange(otherwise, false); }
  Outcome<Page> fetch(const std::string& cursor, std::stop_token) override {
    if (cursor.empty()) ++readings;
    ++fetched;
    auto page = answer_(readings, cursor.empty() ? 0 : std::stoi(cursor));
    if (page && page->items == 0)
      page->items =
          page->accounts.size() + page->memberships.size() + page->bad.size() + page->entitlements.size();
    if (page && page->listing.empty()) page->listing = "users";
    return page;
  }
  Outcome<Receipt> apply(const Operation&, const Secret&, std::stop_token) override { return Receipt{}; }
  Outcome<std::optional<Account>> read(const AccountQuery& query, std::stop_token) override {
    const auto found = alone.find(query.id);
    return found == alone.end() ? std::optional<Account>() : std::optional<Account>(found->second);
  }

  std::map<std::string, Account> alone;  // what it answers for an id
  Capabilities capabilities_;
  int readings = 0, fetched = 0;
  bool otherwise = false;

 private:
  Answer answer_;
};

class Pull : public testing::Test {
 protected:
  PullReport pulled(Connector& connector) {
    NoProgress progress;
    return pull(database, {{"iot", &connector}}, progress, {}).front();
  }
  ScratchFolder folder;
  Database database{folder.state(), Access::write};
};

// One page of these ids; more: another one follows.
Page page_of(const std::vector<std::string>& ids, int next = 0) {
  Page page;
  for (const std::string& id : ids) page.accounts.push_back(account(id));
  if (next > 0) page.next = std::to_string(next);
  return page;
}

TEST_F(Pull, OneBadRecordIsTheReasonAndIsReadOnce) {
  Scripted platform([](int, int) {
    Page page = page_of({"1", "2"});
    page.bad.push_back({.where = "item 2", .why = "no 'id'"});
    page.total = 3;
    return page;
  });
  const PullReport report = pulled(platform);
  EXPECT_FALSE(report.sealed);
  EXPECT_EQ(report.why_not, "one record could not be read, the first at item 2: no 'id'");
  EXPECT_EQ(platform.readings, 1);
  EXPECT_EQ(report.accounts, 2U);
}

TEST_F(Pull, ATotalThatIsNamedAndMissingIsNoSeal) {
  Scripted platform([](int, int) {
    Page page = page_of({"1", "2"});
    page.no_total = "the reply has no 'total'";
    return page;
  });
  const PullReport report = pulled(platform);
  EXPECT_EQ(report.why_not, "nothing says how many users there are: the reply has no 'total'");
  EXPECT_EQ(platform.readings, 1);
}

TEST_F(Pull, AnEdgeThatComesTwiceHidesAnother) {
  Scripted platform([](int, int at) {
    if (at == 1) return page_of({"1", "2"});
    Page page;
    page.listing = "group memberships";
    page.memberships = {{"1", "group", "g", {}}, {"1", "group", "g", {}}};
    page.total = 2;
    page.next = "1";
    return page;
  });
  const PullReport report = pulled(platform);
  EXPECT_FALSE(report.sealed);
  EXPECT_EQ(
      report.why_not,
      "one was answered more than once, the first a membership of group g: another may be missing in its "
      "place");
}

TEST_F(Pull, WhoIsListedAndNotFoundAloneIsNoSealUntilTheNextReading) {
  Scripted platform([](int reading, int) {
    Page page = page_of({"1", "2"});
    if (reading == 1) page.vanished = {"3"};
    return page;
  });
  EXPECT_TRUE(pulled(platform).sealed);
  EXPECT_EQ(platform.readings, 2);
  Scripted stubborn([](int, int) {
    Page page = page_of({"1", "2"});
    page.vanished = {"3"};
    return page;
  });
  EXPECT_EQ(pulled(stubborn).why_not,
            "one account is listed and not found when asked for alone, the first '3'");
}

TEST_F(Pull, StopsAtOnceWhereTheListingMovedAndReadsAllInTheEnd) {
  Scripted platform([](int, int at) {
    Page page = page_of({std::to_string(at)}, at < 9 ? at + 1 : 0);
    if (at == 1) page.moved = "page 2 begins with 'x'";
    return page;
  });
  const PullReport report = pulled(platform);
  EXPECT_EQ(report.why_not, "users: page 2 begins with 'x'");
  EXPECT_EQ(platform.readings, 3);
  EXPECT_EQ(platform.fetched, 2 + 2 + 10);
  EXPECT_EQ(report.accounts, 10U);
}

TEST_F(Pull, TheSameFailureThreeTimesIsProvedOtherwise) {
  Scripted platform([&](int reading, int at) {
    Page page = page_of({std::to_string(at)}, at < 3 ? at + 1 : 0);
    if (at == 1 && reading <= 3) page.moved = "page 2 begins with 'x'";
    return page;
  });
  platform.otherwise = true;
  const PullReport report = pulled(platform);
  EXPECT_TRUE(report.sealed) << report.why_not;
  ASSERT_EQ(report.remarks.size(), 1U);
  EXPECT_EQ(report.remarks[0],
            "users: page 2 begins with 'x': 3 times the same, so it was read twice instead");
}

TEST_F(Pull, AccountsThatCannotBeDeletedAreCountedOverSeveralReadings) {
  // Pages without an order: each reading misses another one.
  bool deleted = false;
  Scripted platform([&](int reading, int) {
    Page page = page_of({"1", "1", reading % 2 == 1 ? "2" : "3"});
    page.total = 3;
    page.permanent = !deleted;
    page.moved = "page 2 begins with '1'";
    return page;
  });
  EXPECT_TRUE(pulled(platform).sealed);
  deleted = true;
  EXPECT_FALSE(pulled(platform).sealed);
}

TEST_F(Pull, AListingThatNeverEndsIsEnded) {
  for (const bool counted : {false, true}) {
    Scripted platform([&](int, int at) {
      Page page = counted ? page_of({std::to_string(at)}, at + 1) : page_of({"1", "2"}, at + 1);
      if (counted) page.total = 5;
      return page;
    });
    const PullReport report = pulled(platform);
    EXPECT_FALSE(report.sealed);
    EXPECT_NE(report.why_not.find("users do not end"), std::string::npos) << report.why_not;
    EXPECT_LT(platform.fetched, 2000);
  }
}

TEST_F(Pull, MoreThanAFewThousandAreNoCircle) {
  Scripted platform([](int, int at) {
    std::vector<std::string> ids;
    for (int i = 0; i < 10; ++i) ids.push_back(std::to_string(at * 10 + i));
    return page_of(ids, at < 5000 ? at + 1 : 0);
  });
  const PullReport report = pulled(platform);
  EXPECT_TRUE(report.sealed) << report.why_not;
  EXPECT_EQ(report.accounts, 50'010U);
}

// What a recipe says of its listing is believed of accounts of that state, and of no other.
TEST_F(Pull, AnAccountOfAStateThatTheListingOmitsKeepsTheProof) {
  std::vector<std::string> listed{"1", "2"};
  Scripted platform([&](int, int) { return page_of(listed); });
  platform.capabilities_.read = true;
  EXPECT_TRUE(pulled(platform).sealed);
  for (const std::string id : {"1", "2"}) {
    platform.alone[id] = account(id);
    record_links(database, "iot", {{"E" + id, id, LinkOrigin{LinkOrigin::Kind::created}}},
                 "2000-01-01T00:00:00Z");
  }
  listed = {"1"};
  platform.alone["2"].active = false;
  EXPECT_NE(pulled(platform).why_not.find("hides accounts that exist: 1 of 1"), std::string::npos);
  platform.capabilities_.omits = {"disabled"};
  EXPECT_TRUE(pulled(platform).sealed);
  EXPECT_TRUE(pulled(platform).sealed) << "and again";
  platform.alone["2"].active = true;
  EXPECT_FALSE(pulled(platform).sealed) << "it is not disabled any more, and still not listed";
}

TEST_F(Pull, APendingAccountIsOneThatWasNeverListed) {
  std::vector<std::string> listed{"1"};
  Scripted platform([&](int, int) { return page_of(listed); });
  platform.capabilities_.read = true;
  platform.capabilities_.omits = {"pending"};
  EXPECT_TRUE(pulled(platform).sealed);
  platform.alone["2"] = account("2");
  record_links(database, "iot", {{"E2", "2", LinkOrigin{LinkOrigin::Kind::created}}}, "2999-01-01T00:00:00Z");
  EXPECT_TRUE(pulled(platform).sealed) << "it was linked after the last listing began";
  database.connection().execute("update link set since = '2000-01-01T00:00:00Z'");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pulled(platform).sealed) << "no listing showed it so far";
  listed = {"1", "2"};
  EXPECT_TRUE(pulled(platform).sealed);
  listed = {"1"};
  EXPECT_FALSE(pulled(platform).sealed) << "it was listed, and is hidden now";
}

// An incomplete pull says of whom it showed as much as a complete one.
TEST_F(Pull, AnIncompleteOneSaysWhomItShowed) {
  std::vector<std::string> listed{"1", "2", "3"};
  bool bad = false;
  std::string key = "c@x.example";
  Scripted platform([&](int, int) {
    Page page = page_of(listed);
    for (Account& one : page.accounts) one.attributes = one.id == "3" ? R"({"mail":"c@x.example"})" : "{}";
    if (bad) page.bad.push_back({.where = "item 3", .why = "'name' cannot be read", .id = "3", .key = key});
    return page;
  });
  platform.capabilities_.natural_key = "mail";
  EXPECT_TRUE(pulled(platform).sealed);
  const auto shown = [&] {
    Snapshots snapshots(database.connection());
    const PlatformId iot = database.platform("iot");
    const ShownAccounts shown = snapshots.shown(iot);
    std::string ids;
    snapshots.for_each_by_id(iot, [&](const AccountView& one) {
      if (shown.contains(one.row)) ids += std::string(one.id) + " ";
    });
    return ids;
  };
  EXPECT_EQ(shown(), "1 2 3 ");
  bad = true;
  listed = {"1", "9"};
  EXPECT_FALSE(pulled(platform).sealed);
  EXPECT_EQ(shown(), "1 3 9 ") << "3 could not be read, and its id and key could";
  key = "somebody.else@x.example";
  EXPECT_FALSE(pulled(platform).sealed);
  EXPECT_EQ(shown(), "1 9 ");
  bad = false;
  listed = {"1", "2", "3", "9"};
  EXPECT_TRUE(pulled(platform).sealed);
  EXPECT_EQ(shown(), "1 2 3 9 ");
}

TEST_F(Pull, AReaderStopsWhenItsWriterFailed) {
  database.platform("iot");
  Scripted platform([](int, int at) {
    if (at == 1) arm_statement_fault(1, StatementFault::fail);
    std::vector<std::string> ids;
    for (int i = 0; i < 100; ++i) ids.push_back(std::to_string(at * 100 + i));
    return page_of(ids, at < 100'000 ? at + 1 : 0);
  });
  EXPECT_ANY_THROW(pulled(platform));
  disarm_statement_fault();
  EXPECT_LT(platform.fetched, 10'000);
}

}  // namespace
}  // namespace usher
