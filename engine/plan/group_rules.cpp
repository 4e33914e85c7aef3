#include "engine/plan/group_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace usher {

std::string rule_of(const AccountProgram& program, const std::string& path) {
  for (const auto& assignment : program.assignments()) {
    if (assignment.path == path)
      return fmt::format("{} ({})", assignment.program.source(), assignment.expression->place.to_string());
  }
  return {};
}

bool manages(const AccountRules& rules, const std::string& kind) {
  if (!rules.groups) return false;
  return rules.groups->empty() || std::any_of(rules.groups->begin(), rules.groups->end(),
                                              [&](const GroupRule& rule) { return rule.kind == kind; });
}

WantedEdges wanted_edges(const nlohmann::json& groups, const EntitlementNames& names) {
  WantedEdges wanted;
  for (const nlohmann::json& group : groups) {
    const std::string kind = group.at(0), name = group.at(1);
    const auto id = names.id_of(kind, name);
    if (!id) {
      wanted.unknown.push_back({kind, name, id.error()});
      continue;
    }
    std::vector<std::string>& details = wanted.known[{kind, *id}];
    std::set<std::string> all(details.begin(), details.end());
    for (const nlohmann::json& detail : group.at(2)) all.insert(detail.get<std::string>());
    details.assign(all.begin(), all.end());
  }
  return wanted;
}

std::vector<std::string> wanted_details(const AccountRules& rules, const std::vector<std::string>& wanted,
                                        const std::vector<std::string>& held) {
  if (!rules.keep_other_details) return wanted;
  std::set<std::string> both(wanted.begin(), wanted.end());
  both.insert(held.begin(), held.end());
  return {both.begin(), both.end()};
}

std::map<std::pair<std::string, std::string>, std::string> rules_giving(const AccountRules& rules,
                                                                        const EntitlementNames& names) {
  std::map<std::pair<std::string, std::string>, std::string> giving;
  if (!rules.groups) return giving;
  for (const GroupRule& rule : *rules.groups) {
    const auto id = names.id_of(rule.kind, rule.name);
    if (!id) continue;
    const std::string when = rule.when.constant.value_or(rule.when.source);
    std::string& text = giving[{rule.kind, *id}];
    text += fmt::format("{}{} ({})", text.empty() ? "" : " or ", when.empty() ? "always" : when,
                        rule.place.to_string());
  }
  return giving;
}

}  // namespace usher
