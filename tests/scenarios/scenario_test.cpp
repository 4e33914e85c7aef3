#include "tests/scenarios/scenario.hpp"
#include "tests/support/plan_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

namespace usher::test {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

Lines texts_of(const json& object, const char* key) {
  return object.value(key, Lines());
}

/// What one sync came to, as a scenario tells it.
struct Told {
  int exit = 0;
  std::string says;  ///< every text that a person would have been shown
  Plan plan;
  Lines unsealed, troubles;
};

Told sync(World& world) {
  Told told;
  NoProgress progress;
  try {
    Session session(world.options(), progress, {});
    const auto pulls = session.pull({}, Refresh::all);
    for (const PullReport& pull : pulls) {
      if (!pull.sealed) told.unsealed.push_back(pull.platform);
      told.says += pull.why_not + "\n";
    }
    Conditions conditions = conditions_of(pulls);
    told.plan = session.plan();
    for (const Note& note : told.plan.notes) told.says += note.message + "\n";
    for (const Objection& objection : told.plan.objections) told.says += objection.message + "\n";
    const ApplyReport report = session.apply(told.plan);
    for (const auto& trouble : report.troubles) {
      told.troubles.push_back(std::string(to_string(trouble.state)) + " " + line_of(trouble.operation));
      told.says += trouble.message + "\n";
    }
    conditions.add(conditions_of(report, told.plan));
    told.exit = static_cast<int>(conditions.code());
  } catch (const CommandError& error) {
    told.says += error.what();
    told.exit = static_cast<int>(error.code());
  }
  return told;
}

void edit(World& world, const json& step) {
  if (step.contains("people")) world.people(step["people"].get<std::string>());
  if (step.contains("rules")) world.rules(rules_over_standard(step["rules"], world.kind()));
  if (step.contains("options")) world.platform_options(step["options"].get<std::string>());
  if (step.contains("source")) world.source_options(step["source"].get<std::string>());
  for (const json& how : step.value("change", json::array())) world.platform().change(world.kind(), how);
  for (const json& call : step.value("by-hand", json::array())) {
    for (const auto& [request, body] : call.items()) {
      const std::size_t blank = request.find(' ');
      world.by_hand(request.substr(0, blank), request.substr(blank + 1), body);
    }
  }
  if (step.contains("days-pass")) world.days_pass(step["days-pass"].get<int>());
  world.platform().set_faults(step.value("faults", json::array()));
}

void check_world(const World& world, const json& expected) {
  const json held = accounts_of(world);
  for (const auto& [identity, fields] : expected.items()) {
    if (!held.contains(identity)) {
      ADD_FAILURE() << "there is no " << identity;
      continue;
    }
    json wanted = fields;
    if (!wanted.contains("status") && world.kind() == "mainflux") wanted["status"] = "enabled";
    for (const auto& [field, value] : wanted.items()) {
      EXPECT_EQ(held[identity].value(field, json()), value) << identity << ", " << field;
    }
  }
  for (const auto& [identity, fields] : held.items()) {
    const bool expected_or_own = identity == "admin@example.com" || expected.contains(identity);
    EXPECT_TRUE(expected_or_own) << identity << " is too many";
  }
}

void check_plan(const Plan& plan, const json& expect) {
  EXPECT_EQ(lines_of(plan), texts_of(expect, "plan"));
  EXPECT_EQ(notes_of(plan), texts_of(expect, "notes"));
}

void check(const World& world, const Told& told, const json& expect) {
  EXPECT_EQ(told.exit, expect.value("exit", 0)) << told.says;
  for (const std::string& text : texts_of(expect, "says")) {
    EXPECT_NE(told.says.find(text), std::string::npos) << "nobody says '" << text << "', but:\n" << told.says;
  }
  check_plan(told.plan, expect);
  Lines objections;
  for (const Objection& objection : told.plan.objections) objections.push_back(to_string(objection.guard));
  EXPECT_EQ(objections, texts_of(expect, "objections"));
  EXPECT_EQ(told.unsealed, texts_of(expect, "unsealed"));
  EXPECT_EQ(told.troubles, texts_of(expect, "troubles")) << told.says;
  const json reasons = expect.value("because", json::object());
  for (const auto& [label, text] : reasons.items()) {
    const auto found = std::find_if(told.plan.changes.begin(), told.plan.changes.end(),
                                    [&, l = label](const Change& change) { return change.label == l; });
    ASSERT_NE(found, told.plan.changes.end()) << "no change of " << label;
    EXPECT_NE(found->because.find(text.get<std::string>()), std::string::npos) << found->because;
  }
  if (expect.contains("world")) check_world(world, expect["world"]);
}

class ScenarioTest : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, IsAsWritten) {
  const Scenario scenario = read_scenario(scenario_file(GetParam()));
  World world(scenario.world, scenario.platform, scenario.switches);
  world.rules(rules_over_standard(json::object(), scenario.platform));
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const json& step = scenario.steps[i];
    SCOPED_TRACE(fmt::format("step {}: {}", i + 1, step.value("about", "")));
    edit(world, step);
    const Told told = sync(world);
    check(world, told, step["expect"]);
    if (told.plan.seals.empty()) continue;  // it did not come to a plan
    SCOPED_TRACE("the run after it");
    world.platform().set_faults(json::array());
    check_plan(world.plan(), step["expect"].value("stays", json::object()));
    if (HasFailure()) FAIL() << content_of(told.plan);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ScenarioTest, testing::ValuesIn(scenario_names()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace usher::test
