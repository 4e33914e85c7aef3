#include "state/model/plan.hpp"

#include <gtest/gtest.h>

namespace usher {
namespace {

Plan sample() {
  Plan plan;
  plan.program = "0.1.0";
  plan.rules = "abc";
  plan.now = "2026-11-21T00:00:00Z";
  plan.seals.push_back({"iot", 3, true, "", 10, "2026-11-21T00:00:00Z"});
  Change change{"iot", "E1", "a-1", "ada@example.com", Situation::matched, "update", "name differs", {}, {}};
  change.fields.push_back({"name", "Ada", nullptr});
  change.memberships.push_back(
      {"group", "g1", "engineers", MembershipChange::Act::add, {}, {"g_list"}, "a rule"});
  plan.changes.push_back(change);
  Operation update;
  update.id = "op1";
  update.platform = "iot";
  update.account = "a-1";
  update.route = "profile";
  update.before = {{"name", "Ada"}};
  update.after = {{"name", nullptr}};
  Operation join = update;
  join.id = "op2";
  join.kind = OperationKind::add_membership;
  join.membership = {"a-1", "group", "g1", {"g_list"}};
  plan.operations = {update, join};
  plan.links.push_back({"iot", "E1", "a-1", "matched mail"});
  plan.objections.push_back({"iot", "removals", 30, 10, 100, "too many"});
  plan.notes.push_back({"iot", "E2", "", "ambiguous", "two accounts"});
  plan.situations["iot"]["matched"] = 1;
  return plan;
}

TEST(Plan, SurvivesJson) {
  const Plan plan = sample();
  const Plan again = plan_from_json(to_json(plan));
  EXPECT_EQ(to_json(again), to_json(plan));
  EXPECT_EQ(again.digest(), plan.digest());
  EXPECT_EQ(again.operations.at(1).membership.entitlement, "g1");
}

TEST(Plan, DigestSeesEveryPart) {
  const std::string before = sample().digest();
  Plan plan = sample();
  plan.operations.at(0).after["name"] = "Eve";
  EXPECT_NE(plan.digest(), before);
  plan = sample();
  plan.notes.clear();
  EXPECT_NE(plan.digest(), before);
}

TEST(Plan, RefusesAnAlteredFile) {
  nlohmann::json json = to_json(sample());
  json["operations"][0]["account"] = "a-2";
  EXPECT_THROW(plan_from_json(json), std::runtime_error);
}

TEST(Plan, RefusesWhatIsNoPlan) {
  EXPECT_THROW(plan_from_json(nlohmann::json::array()), std::runtime_error);
  EXPECT_THROW(plan_from_json({{"format", 99}}), std::runtime_error);
  nlohmann::json json = to_json(sample());
  json["operations"][0]["kind"] = "explode";
  EXPECT_THROW(plan_from_json(json), std::runtime_error);
}

}  // namespace
}  // namespace usher
