#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <set>

#include "state/store/database.hpp"
#include "state/store/lifecycle.hpp"
#include "tests/scenarios/history.hpp"
#include "tests/support/plan_text.hpp"
#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

namespace usher::test {
namespace {

using nlohmann::json;

// A world costs a good part of a second; RC_PARAMS asks for more of them.
const int few = setenv("RC_PARAMS", "max_success=10", 0);

const char* const names[] = {"ada", "grace", "blaise", "emil", "dora", "kim", "lou", "hans"};
constexpr std::size_t people = std::size(names);

struct Row {
  std::string department;
  bool active = true, present = true;
  std::string last;

  std::string text(std::size_t i) const {
    if (!present) return {};
    return "E" + std::to_string(i) + "," + names[i] + "," + last + "," + names[i] + "@example.com," +
           department + "," + (active ? "active" : "left") + "\n";
  }
};

using Rows = std::vector<Row>;

std::string text_of(const Rows& rows) {
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) text += rows[i].text(i);
  return text.empty() ? "E99,No,Body,nobody@example.com,sales,active\n" : text;
}

rc::Gen<Row> any_row() {
  return rc::gen::build<Row>(
      rc::gen::set(&Row::department,
                   rc::gen::element<std::string>("engineering", "operations", "operations", "sales")),
      rc::gen::set(&Row::active, rc::gen::weightedElement<bool>({{4, true}, {1, false}})),
      rc::gen::set(&Row::present, rc::gen::weightedElement<bool>({{4, true}, {1, false}})),
      rc::gen::set(&Row::last, rc::gen::element<std::string>("Test", "O'Brien", "de la Cruz", "Müller")));
}

rc::Gen<Rows> any_rows() {
  return rc::gen::container<Rows>(people, any_row());
}

/// An account of one of the people, perhaps under another case, perhaps all wrong; null: none.
rc::Gen<json> any_account(std::size_t i) {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::arbitrary<bool>(),
                                     rc::gen::element<std::string>("engineering", "operations", "old"),
                                     rc::gen::inRange(0, 4)),
                      [i](const std::tuple<int, bool, std::string, int>& drawn) -> json {
                        const auto& [kind, enabled, tag, groups] = drawn;
                        if (kind < 2) return nullptr;
                        std::string identity = std::string(names[i]) + "@example.com";
                        if (kind == 3) identity[0] = static_cast<char>(identity[0] - 32);
                        return {{"id", "u-" + std::string(names[i])},
                                {"name", tag == "old" ? "Somebody" : std::string(names[i]) + " Test"},
                                {"tags", {tag}},
                                {"status", enabled ? "enabled" : "disabled"},
                                {"credentials", {{"identity", identity}}},
                                {"groups", groups}};
                      });
}

/// Orphans are accounts of people who are not in the file.
json any_world() {
  json world = {
      {"users", json::array()},
      {"groups",
       {{{"id", "g-engineers"}, {"name", "engineers"}}, {{"id", "g-operators"}, {"name", "operators"}}}},
      {"policies", json::array()}};
  for (std::size_t i = 0; i < people; ++i) {
    json user = *any_account(i);
    if (user.is_null()) continue;
    const int groups = user["groups"].get<int>();
    user.erase("groups");
    const auto join = [&](const char* group, const char* action) {
      world["policies"].push_back({{"subject", user["id"]}, {"object", group}, {"actions", {action}}});
    };
    if ((groups & 1) != 0) join("g-engineers", "m_read");
    if ((groups & 2) != 0) join("g-operators", "m_write");
    world["users"].push_back(std::move(user));
  }
  return world;
}

/// Nothing is held: a few people who leave are more than any percentage of eight.
void allow_everything(World& world) {
  world.source_options("shrink: 100%");
  world.rules(rules_over_standard({{"people", {{"guards", {{"vanished-records", "100%"}}}}},
                                   {"accounts", {{"guards", {{"removals", 1000}}}}}}));
}

/// What the rules say, said again without any code of the engine.
void check_declared(const World& world, const Rows& rows, const json& before) {
  const json accounts = accounts_of(world);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const std::string identity = std::string(names[i]) + "@example.com";
    if (row.present && row.active && row.department != "sales") {
      RC_ASSERT(accounts.contains(identity));
      const json& account = accounts[identity];
      RC_ASSERT(account["status"] == "enabled");
      RC_ASSERT(account["name"] == std::string(names[i]) + " " + row.last);
      RC_ASSERT(account["tags"] == json({row.department}));
      const json groups = row.department == "engineering" ? json{{"g-engineers", {"m_read"}}} : json();
      RC_ASSERT(account.value("groups", json()) == groups);
    } else if (accounts.contains(identity) && !before.contains(identity)) {
      RC_ASSERT(accounts[identity]["status"] == "disabled");
    }
  }
}

/// The plan without what says when it was made.
std::string timeless(const Plan& plan) {
  json text = json::parse(content_of(plan));
  text.erase("now");
  text.erase("state");  // another one each time
  for (json& seal : text["seals"]) seal.erase("taken-at");
  return text.dump();
}

void forget_state(const World& world) {
  for (const char* file : {"usher.db", "usher.db-wal", "usher.db-shm"})
    std::filesystem::remove(world.folder() / file);
}

RC_GTEST_PROP(Properties, EveryHistoryConvergesAndTheSecondRunIsEmpty, ()) {
  World world(any_world());
  allow_everything(world);
  const json before = accounts_of(world);
  for (int step = 0; step < 2; ++step) {
    const Rows rows = *any_rows();
    world.people(text_of(rows));
    const World::Sync sync = world.sync();
    RC_ASSERT(sync.report.troubles.empty());
    check_declared(world, rows, before);
    const Plan next = world.plan();
    RC_ASSERT(lines_of(next) == std::vector<std::string>());
    RC_ASSERT(notes_of(next) == std::vector<std::string>());
  }
}

RC_GTEST_PROP(Properties, ThePlanDependsNeitherOnThreadsNorOnTheOrderOfRows, ()) {
  World world(any_world());
  Rows rows = *any_rows();
  world.people(text_of(rows));
  const std::string once = timeless(world.plan(Refresh::all, 1));
  for (const unsigned threads : {2U, 8U}) {
    RC_ASSERT(timeless(world.plan(Refresh::nothing, threads)) == once);
    forget_state(world);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < rows.size(); ++i) lines.push_back(rows[i].text(i));
    std::string shuffled;
    while (!lines.empty()) {
      const auto at = static_cast<std::ptrdiff_t>(*rc::gen::inRange(std::size_t{0}, lines.size()));
      shuffled += lines[static_cast<std::size_t>(at)];
      lines.erase(lines.begin() + at);
    }
    if (!shuffled.empty()) world.people(shuffled);
    RC_ASSERT(timeless(world.plan(Refresh::all, threads)) == once);
  }
}

/// People who look for the account of another one, and accounts that two look for or that have one name
/// twice.
void add_twins(json& world, std::string& rows) {
  const std::string name = names[*rc::gen::inRange(std::size_t{0}, people)];
  if (*rc::gen::arbitrary<bool>()) rows += "T1,Twin,Test," + name + "@example.com,operations,active\n";
  if (*rc::gen::arbitrary<bool>()) rows += "T2,K\u212Aim,Test,\u212Aim@example.com,operations,active\n";
  if (!*rc::gen::arbitrary<bool>()) return;
  world["users"].push_back({{"id", "u-twin"},
                            {"name", name + " Test"},
                            {"tags", {"operations"}},
                            {"status", "enabled"},
                            {"credentials", {{"identity", name + "@Example.com"}}}});
}

/// Keeps the planner from settling pairs that it does not open: where something is remembered of an account,
/// it opens all.
void remember_somebody(const World& world) {
  Database database(world.folder() / "usher.db", Access::write);
  Lifecycle(database.connection())
      .remember_locked(database.platform("iot"), "of nobody", "2026-01-01T00:00:00.000Z");
}

/// Counts the pairs that were settled unopened in one plan.
class MatchProgress final : public Progress {
 public:
  void advance(std::string_view, std::uint64_t, std::optional<std::uint64_t>) override {}
  void finish(std::string_view stage, std::uint64_t done) override {
    if (stage == "match iot") looked_at_ += done;
  }
  std::uint64_t looked_at() const { return looked_at_; }

 private:
  std::atomic<std::uint64_t> looked_at_{0};
};

Plan plan_told(World& world, Progress& progress) {
  Session session(world.options(), progress, {});
  session.pull({}, Refresh::nothing);
  return session.plan();
}

RC_GTEST_PROP(Properties, PairsThatAreNotOpenedAreAsWhenTheyAre, ()) {
  json accounts = any_world();
  std::string rows = text_of(*any_rows());
  add_twins(accounts, rows);
  World world(accounts);
  allow_everything(world);
  world.people(rows);
  world.pull();
  MatchProgress unopened, opened;
  const std::string plan = timeless(plan_told(world, unopened));
  remember_somebody(world);
  RC_ASSERT(timeless(plan_told(world, opened)) == plan);
  RC_ASSERT(opened.looked_at() == 0U);
  RC_CLASSIFY(unopened.looked_at() > 0, "some were not opened");
}

TEST(Properties, ManyPeopleAreMatchedWithoutBeingOpened) {
  json accounts = {{"users", json::array()}, {"groups", json::array()}, {"policies", json::array()}};
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    const std::string n = std::to_string(i);
    rows += "E" + n + ",P" + n + ",Test,p" + n + "@example.com,operations,active\n";
    accounts["users"].push_back({{"id", "u-" + n},
                                 {"name", "P" + n + " Test"},
                                 {"tags", {"operations"}},
                                 {"status", "enabled"},
                                 {"credentials", {{"identity", "P" + n + "@example.com"}}}});
  }
  World world(accounts);
  world.people(rows);
  world.pull();
  MatchProgress progress;
  const Plan plan = plan_told(world, progress);
  EXPECT_GT(progress.looked_at(), 40U);
  EXPECT_EQ(plan.links.size(), 40U);
  EXPECT_EQ(plan.situations.at("iot").at("matched"), 40U);
}

RC_GTEST_PROP(Properties, AnyPrefixOfAPlanThenASyncEqualsTheFullRun, ()) {
  const json accounts = any_world();
  const std::string rows = text_of(*any_rows());
  const auto without_ids = [](const World& world) {
    json held = accounts_of(world);
    for (json& account : held) account.erase("id");
    return held;
  };
  World whole(accounts), parted(accounts);
  for (World* world : {&whole, &parted}) {
    allow_everything(*world);
    world->people(rows);
  }
  whole.sync();

  Plan plan = parted.plan();
  const std::size_t done = *rc::gen::inRange(std::size_t{0}, plan.operations.size() + 1);
  plan.operations.resize(done);
  parted.apply(plan);
  parted.sync();
  RC_ASSERT(without_ids(parted) == without_ids(whole));
  RC_ASSERT(parted.writes() == whole.writes());
  RC_ASSERT(lines_of(parted.plan()) == std::vector<std::string>());
}

/// Asks for a stop as soon as some operations have ended.
class StopAtFirstProgress final : public Progress {
 public:
  void advance(std::string_view stage, std::uint64_t done, std::optional<std::uint64_t>) override {
    if (stage == "apply" && done > 0) stop_.request_stop();
  }
  void finish(std::string_view, std::uint64_t) override {}
  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
};

TEST(Stop, InTheMiddleOfAnApplyIsResumed) {
  World world;
  std::string rows;
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    rows += "E" + n + ",P" + n + ",Test,p" + n + "@example.com,engineering,active\n";
  }
  world.people(rows);
  StopAtFirstProgress progress;
  {
    Session session(world.options(), progress, progress.token());
    session.pull({}, Refresh::all);
    const Plan plan = session.plan();
    ASSERT_EQ(plan.operations.size(), 600U);
    const ApplyReport report = session.apply(plan);
    EXPECT_TRUE(report.interrupted);
    EXPECT_EQ(exit_code(report, plan), ExitCode::time_budget);
    EXPECT_FALSE(report.troubles.empty());
  }
  EXPECT_GT(world.writes(), 0U);
  EXPECT_LT(world.writes(), 600U);
  world.sync();
  EXPECT_EQ(world.writes(), 600U);
  expect_nothing_twice(world.platform().journal("mainflux"));
  EXPECT_TRUE(world.plan().operations.empty());
}

}  // namespace
}  // namespace usher::test
