// tests/unit/engine/tables/order.yaml is a table of plans as they were found and in order.
#include "engine/plan/plan_order.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/yaml_json.hpp"

namespace usher {
namespace {

using nlohmann::json;

/// A change for each line, with two operations that remember its place.
Plan plan_of(const json& lines) {
  Plan plan;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::istringstream words(lines[i].get<std::string>());
    Change& change = plan.changes.emplace_back();
    std::string act;
    words >> change.platform >> act >> change.label >> change.person >> change.account;
    change.act = change_act(act);
    for (const char* step : {".1", ".2"}) {
      Operation& operation = plan.operations.emplace_back();
      operation.change = i;
      operation.label = std::to_string(i) + step;
    }
  }
  return plan;
}

std::string line_of(const Change& change) {
  std::string line = change.platform + ' ' + to_string(change.act) + ' ' + change.label;
  for (const std::string& more : {change.person, change.account})
    if (!more.empty()) line += ' ' + more;
  return line;
}

TEST(OrderTable, PutsPlansInOrder) {
  const json cases = test::json_of(YAML::LoadFile(USHER_SOURCE_DIR "/tests/unit/engine/tables/order.yaml"));
  ASSERT_GT(cases.size(), 5U);
  for (const json& one : cases) {
    const json& found = one.at("found");
    Plan plan = plan_of(found);
    put_in_order(plan);
    json ordered = json::array();
    for (const Change& change : plan.changes) ordered.push_back(line_of(change));
    EXPECT_EQ(ordered, one.at("ordered")) << one.at("case");
    ASSERT_EQ(plan.operations.size(), 2 * plan.changes.size());
    for (std::size_t i = 0; i < plan.operations.size(); ++i) {
      const Operation& operation = plan.operations[i];
      EXPECT_EQ(operation.change, i / 2) << one.at("case");
      const std::string place = operation.label.substr(0, operation.label.find('.'));
      EXPECT_EQ(found[std::stoul(place)], line_of(plan.changes[operation.change])) << one.at("case");
      EXPECT_EQ(operation.label, place + (i % 2 == 0 ? ".1" : ".2")) << one.at("case");
    }
  }
}

}  // namespace
}  // namespace usher
