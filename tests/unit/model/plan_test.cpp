#include "state/model/plan.hpp"

#include <gtest/gtest.h>

#include "state/model/fingerprint.hpp"
#include "tests/support/plan_text.hpp"

namespace usher {
namespace {

Plan sample() {
  Plan plan;
  plan.program = "0.1.0";
  plan.rules = "abc";
  plan.now = "2026-11-21T00:00:00Z";
  plan.seals.push_back({"iot", 3, true, "", 10, "2026-11-21T00:00:00Z"});
  Change change{"iot",          "E1", "a-1", "ada@example.com", Situation::matched, ChangeAct::update,
                "name differs", {},   {}};
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
  plan.links.push_back({"iot", "E1", "a-1", {LinkOrigin::Kind::matched, "mail"}});
  plan.objections.push_back({"iot", GuardKind::removals, 30, 10, 100, "too many"});
  plan.notes.push_back({"iot", "E2", "", NoteKind::ambiguous, "two accounts"});
  plan.situations["iot"]["matched"] = 1;
  return plan;
}

TEST(Plan, SurvivesJson) {
  const Plan plan = sample();
  const Plan again = plan_from_json(json_of(plan).dump());
  EXPECT_EQ(content_of(again), content_of(plan));
  EXPECT_EQ(again.digest, digest_of(plan));
  EXPECT_EQ(again.operations.at(1).membership.entitlement, "g1");
}

TEST(Plan, IsReadFromWhatTheStateKeepsAndFromReports) {
  const Plan plan = sample();
  EXPECT_EQ(plan_from_json(content_of(plan), digest_of(plan)).digest, digest_of(plan));
  EXPECT_THROW(plan_from_json(content_of(plan), "0123"), std::runtime_error);
  EXPECT_THROW(plan_from_json(content_of(plan)), std::runtime_error) << "no digest in it";
  const nlohmann::json report = {
      {"report", "plan"}, {"summary", {{{"changes", 1}}}}, {"plan", json_of(plan)}};
  EXPECT_EQ(content_of(plan_from_json(report.dump())), content_of(plan));
}

TEST(Plan, IsWrittenAsJsonIsUsually) {
  Plan plan = sample();
  plan.digest = digest_of(plan);
  std::string compact = content_of(plan), indented;
  write_json(plan, 1, [&](std::string_view piece) { indented += piece; });
  EXPECT_EQ(compact, nlohmann::json::parse(compact).dump());
  const nlohmann::json outer = {{"plan", nlohmann::json::parse(indented)}};
  EXPECT_EQ("{\n  \"plan\": " + indented + "\n}", outer.dump(2));
  const Plan nothing;
  EXPECT_EQ(content_of(nothing), nlohmann::json::parse(content_of(nothing)).dump());
}

TEST(Plan, DigestSeesEveryPart) {
  const std::string before = digest_of(sample());
  Plan plan = sample();
  plan.operations.at(0).after["name"] = "Eve";
  EXPECT_NE(digest_of(plan), before);
  plan = sample();
  plan.notes.clear();
  EXPECT_NE(digest_of(plan), before);
}

std::string refusal(const nlohmann::json& json) {
  try {
    plan_from_json(json.dump());
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

TEST(Plan, RefusesAnAlteredFile) {
  nlohmann::json json = json_of(sample());
  json["operations"][0]["account"] = "a-2";
  EXPECT_EQ(refusal(json), "was altered: its digest does not agree with its content");
}

TEST(Plan, RefusesWhatIsNoPlan) {
  EXPECT_EQ(refusal(nlohmann::json::array()).find("is not a plan: "), 0U);
  EXPECT_EQ(refusal({{"format", 99}}), "is of format 99, this program reads 2");
  EXPECT_EQ(refusal({{"format", 99}, {"changes", {{{"new", 1}}}}}), "is of format 99, this program reads 2");
  nlohmann::json json = json_of(sample());
  json["operations"][0]["kind"] = "explode";
  EXPECT_EQ(refusal(json), "is not a plan: unknown kind of operation 'explode'");
  json = json_of(sample());
  json["notes"].push_back("a text");
  EXPECT_EQ(refusal(json), "is not a plan: 'notes' is no list of objects");
  json = json_of(Plan());
  json["links"] = nullptr;
  EXPECT_EQ(refusal(json), "is not a plan: 'links' is no list of objects");
  EXPECT_THROW(plan_from_json("{"), std::runtime_error);
}

TEST(Plan, RefusesKeysThatAreUnknownOrStandTwice) {
  nlohmann::json json = json_of(sample());
  json["surprise"] = 1;
  EXPECT_EQ(refusal(json), "is not a plan: it has the unknown key 'surprise'");
  json = json_of(sample());
  json["operations"][0]["surprise"] = 1;
  EXPECT_EQ(refusal(json), "is not a plan: an item of 'operations' has a key that none has");
  std::string twice = json_of(sample()).dump();
  twice.insert(1, "\"operations\":[],");
  EXPECT_THROW(plan_from_json(twice), std::runtime_error);
  json = json_of(sample());
  EXPECT_EQ(refusal({{"links", json["links"]}, {"plan", json}}), "is not a plan: it has items of two");
}

TEST(Plan, RefusesWhatIsTooDeepAndDoesNotCrash) {
  const std::string deep(100'000, '[');
  EXPECT_THROW(plan_from_json("{\"changes\":" + deep), std::runtime_error);
  std::string text = json_of(sample()).dump();
  const std::string value = std::string(300, '[') + std::string(300, ']');
  text.insert(text.find("\"after\":{") + 9, "\"x\":" + value + ",");
  EXPECT_THROW(plan_from_json(text), std::runtime_error);
}

TEST(Plan, OfFormat1IsReadByItsOwnDigest) {
  nlohmann::json old = json_of(sample());
  old["format"] = 1;
  old.erase("digest");
  for (nlohmann::json& seal : old["seals"]) seal.erase("writes");
  const std::string digest = public_digest(old.dump());
  EXPECT_EQ(plan_from_json(old.dump(), digest).format, 1);
  old["digest"] = digest;
  EXPECT_EQ(plan_from_json(old.dump()).digest, digest);
  old["now"] = "another";
  EXPECT_EQ(refusal(old), "was altered: its digest does not agree with its content");
}

}  // namespace
}  // namespace usher
