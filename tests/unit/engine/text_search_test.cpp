#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/answers/plan_reasons.hpp"
#include "engine/desired/text_search.hpp"
#include "state/model/plan_json.hpp"
#include "state/model/plan_parts_json.hpp"
#include "state/model/sha256.hpp"

namespace usher {
namespace {

TEST(TextSearch, PassesOverOnlyWhatDoesNotHoldTheText) {
  const TextFilter ada("Ada@Example.com");
  EXPECT_TRUE(ada(R"({"mail":"ADA@EXAMPLE.COM"})"));
  EXPECT_TRUE(ada(R"({"mail":" ada@example.com "})"));
  EXPECT_FALSE(ada(R"({"mail":"ida@example.com"})"));
  EXPECT_FALSE(ada("{}"));
  EXPECT_TRUE(ada(R"({"mail":"\u0061da@example.com"})")) << "an escape may stand for a letter";
  EXPECT_TRUE(ada("{\"name\":\"Å\"}")) << "letters beside ASCII may be lower case of ASCII";
  EXPECT_TRUE(TextFilter("Ångström")("{}")) << "nothing is told of it";
  EXPECT_TRUE(TextFilter("a\"b")("{}"));
  EXPECT_TRUE(TextFilter("")("{}"));
}

/// Changes with as many operations as their number, named by both.
Plan plan_of(std::size_t changes) {
  Plan plan;
  for (std::size_t i = 0; i < changes; ++i) {
    Change change;
    change.platform = "iot";
    change.person = "E" + std::to_string(i);
    change.because = "it is \"number\" " + std::to_string(i);
    change.fields.push_back({"name", nullptr, "Ådå " + std::to_string(i), "person.name (usher.yaml:20:13)"});
    MembershipChange edge;
    edge.kind = "group";
    edge.entitlement = "g" + std::to_string(i);
    edge.because = "a rule gives it";
    change.memberships.push_back(std::move(edge));
    plan.changes.push_back(std::move(change));
    for (std::size_t step = 0; step < i; ++step) {
      Operation operation;
      operation.id = std::to_string(i) + "-" + std::to_string(step);
      operation.change = i;
      plan.operations.push_back(std::move(operation));
    }
  }
  return plan;
}

std::string content_of(const Plan& plan) {
  std::string content;
  write_content(plan, [&](std::string_view piece) { content += piece; });
  return content;
}

std::string text_of(const Change& change) {
  std::string text;
  append_json(text, change);
  return text;
}

TEST(PlanReasons, AreThoseOfTheOperationsAskedFor) {
  const Plan plan = plan_of(6);
  const std::string content = content_of(plan);
  const auto found = changes_of(content, sha256(content), {"5-4", "2-0", "2-1", "9-9"});
  ASSERT_EQ(found.size(), 3U);
  for (const auto& [id, change] : found)
    EXPECT_EQ(text_of(change), text_of(plan.changes[static_cast<std::size_t>(id[0] - '0')])) << id;
  EXPECT_TRUE(changes_of(content, sha256(content), {}).empty());
}

TEST(PlanReasons, OfAnAlteredPlanAreNotTold) {
  std::string content = content_of(plan_of(3));
  const std::string digest = sha256(content);
  content[content.find("number")] = 'N';
  EXPECT_THROW(changes_of(content, digest, {"2-0"}), std::runtime_error);
  EXPECT_THROW(changes_of("[", sha256("["), {"2-0"}), std::runtime_error);
}

}  // namespace
}  // namespace usher
