#pragma once

#include <map>
#include <string>
#include <utility>

#include "engine/desired/entitlement_names.hpp"
#include "rules/accounts.hpp"

namespace usher {

/// What sets an attribute, with its place: "person.name (usher.yaml:20:13)"; empty: no rule does.
std::string rule_of(const AccountProgram& program, const std::string& path);

/// Whether the rules say who is in entitlements of this kind.
bool manages(const AccountRules& rules, const std::string& kind);

/// What gives each entitlement, by kind and id, with its place: `person.department == "it"
/// (usher.yaml:22:9)`; of several rules for one, each.
std::map<std::pair<std::string, std::string>, std::string> rules_giving(const AccountRules& rules,
                                                                        const EntitlementNames& names);

}  // namespace usher
