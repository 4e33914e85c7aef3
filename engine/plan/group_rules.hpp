#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/desired/entitlement_names.hpp"
#include "rules/accounts.hpp"

namespace usher {

/// What sets an attribute, with its place: "person.name (usher.yaml:20:13)"; empty: no rule does.
std::string rule_of(const AccountProgram& program, const std::string& path);

/// Whether the rules say who is in entitlements of this kind.
bool manages(const AccountRules& rules, const std::string& kind);

/// The memberships that somebody should have.
struct WantedEdges {
  struct Unknown {
    std::string kind, name, why;
  };
  /// By kind and id of the entitlement; the sorted details of all rules for it.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> known;
  std::vector<Unknown> unknown;  ///< what the platform does not have, or several times
};

/// groups: of desired_account_json().
WantedEdges wanted_edges(const nlohmann::json& groups, const EntitlementNames& names);

/// The details that a membership should have beside those it has: where the rules leave others alone, both.
std::vector<std::string> wanted_details(const AccountRules& rules, const std::vector<std::string>& wanted,
                                        const std::vector<std::string>& held);

/// What gives each entitlement, by kind and id, with its place: `person.department == "it"
/// (usher.yaml:22:9)`; of several rules for one, each.
std::map<std::pair<std::string, std::string>, std::string> rules_giving(const AccountRules& rules,
                                                                        const EntitlementNames& names);

}  // namespace usher
