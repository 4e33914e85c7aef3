#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "engine/desired/desired_state.hpp"
#include "state/store/database.hpp"
#include "state/store/people.hpp"
#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

namespace usher::test::incremental {
namespace {

using nlohmann::json;

constexpr std::size_t records = 5;

/// A record whose key may be another's, may change, or may not be one at all.
struct Row {
  std::string key, department, status;
  int mail = 0;
  bool present = true;

  std::string text(std::size_t i) const {
    if (!present) return {};
    return "R" + std::to_string(i) + ",Name," + key + ",p" + std::to_string(mail) + "@example.com," +
           department + "," + status + "\n";
  }
};

rc::Gen<Row> any_row() {
  return rc::gen::build<Row>(
      rc::gen::set(&Row::key, rc::gen::element<std::string>("0", "1", "2", "3", "4", "x")),
      rc::gen::set(&Row::department, rc::gen::element<std::string>("engineering", "operations", "sales")),
      rc::gen::set(&Row::status, rc::gen::element<std::string>("active", "active", "left")),
      rc::gen::set(&Row::mail, rc::gen::inRange(0, 6)),
      rc::gen::set(&Row::present, rc::gen::weightedElement<bool>({{5, true}, {1, false}})));
}

std::string any_people() {
  std::string text;
  for (std::size_t i = 0; i < records; ++i) text += (*any_row()).text(i);
  return text + "R9,Name,9,p9@example.com,operations,active\n";
}

/// The same people under rules of two kinds: with a login of their own, or one that unique() chooses.
std::string any_rules() {
  const std::string key = "\"P\" + string(int(record.last))";
  const std::string rekey = *rc::gen::element<std::string>("report", "by-match");
  json rules = {{"people", {{"key", key}, {"rekey", rekey}}},
                {"accounts", {{"guards", {{"removals", 1000}}}}}};
  if (*rc::gen::arbitrary<bool>()) {
    rules["accounts"]["set"] = {
        {"credentials.identity", "unique(person.department.numbered(9)) + \"@example.com\""}};
    rules["accounts"]["match"] = nullptr;
  }
  return rules_over_standard(rules);
}

std::vector<std::string> all_of(const Plan& plan) {
  std::vector<std::string> lines = lines_of(plan);
  for (const std::string& note : notes_of(plan)) lines.push_back("note " + note);
  for (const NewLink& link : plan.links) lines.push_back("link " + link.person + " " + link.account);
  return lines;
}

void forget_what_was_evaluated(const World& world) {
  Database database(world.folder() / "usher.db", Access::write);
  database.forget_fact("desired");
}

RC_GTEST_PROP(Incremental, APlanIsTheSameAsWhenEverybodyIsEvaluated, ()) {
  World world;
  world.source_options("key: employee_id");
  world.rules(any_rules());
  for (int step = 0; step < 4; ++step) {
    world.people(any_people());
    if (*rc::gen::weightedElement<bool>({{3, false}, {1, true}})) world.rules(any_rules());
    const Plan plan = world.plan();
    forget_what_was_evaluated(world);
    RC_ASSERT(all_of(plan) == all_of(world.plan(Refresh::nothing)));
    world.sync();
  }
}

TEST(Incremental, TimePassingCostsOnlyThoseWhoCanChangeByIt) {
  World world;
  std::string rules = World::standard_rules();
  const std::string active = R"(record.status == "active")";
  rules.replace(rules.find(active), active.size(), "now < timestamp(record.status + 'T00:00:00Z')");
  world.rules(rules);
  std::string people;
  for (int i = 0; i < 20; ++i) {
    people += "E" + std::to_string(i) + ",Name,N,p" + std::to_string(i) + "@example.com,engineering," +
              (i == 3   ? "2026-02-01"
               : i == 4 ? "2026-03-01"
                        : "2036-01-01") +
              "\n";
  }
  world.people(people);
  world.pull();
  const auto setup = open_workspace(world.options(), Secrets::resolve);
  ASSERT_TRUE(setup);
  Database database(world.folder() / "usher.db", Access::write);
  NoProgress progress;
  const auto evaluated_at = [&](const std::string& time) {
    return desire(database, planning_input(database, *setup, time), progress).evaluated;
  };
  const auto active_people = [&] {
    int count = 0;
    People(database.connection()).for_each([&](const PersonRow& person) { count += person.active ? 1 : 0; });
    return count;
  };
  EXPECT_EQ(evaluated_at("2026-01-01T00:00:00.000Z"), 20U);
  EXPECT_EQ(evaluated_at("2026-01-02T00:00:00.000Z"), 0U);
  EXPECT_EQ(active_people(), 20);
  EXPECT_EQ(evaluated_at("2026-02-02T00:00:00.000Z"), 1U) << "one contract ended";
  EXPECT_EQ(active_people(), 19);
  EXPECT_EQ(evaluated_at("2026-02-03T00:00:00.000Z"), 0U);
  EXPECT_EQ(evaluated_at("2027-01-01T00:00:00.000Z"), 1U);
  EXPECT_EQ(active_people(), 18);
  EXPECT_EQ(evaluated_at("2026-01-01T00:00:00.000Z"), 20U) << "the clock went back";
  EXPECT_EQ(active_people(), 20);
}

}  // namespace
}  // namespace usher::test::incremental
