#include "engine/plan/group_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

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
