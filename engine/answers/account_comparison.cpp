#include "engine/answers/account_comparison.hpp"

#include <map>
#include <utility>

#include "engine/plan/group_rules.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;
using Edge = std::pair<std::string, std::string>;  // kind and id

/// Whether a membership that no rule gives is to go.
bool goes(const AccountProgram& program, const std::string& kind) {
  const EntitlementKind* known = program.capabilities().entitlement(kind);
  return !program.rules().keep_other_groups && manages(program.rules(), kind) && known != nullptr &&
         known->remove && !known->keeps_last;
}

}  // namespace

AccountComparison::AccountComparison(const Account& account, const json& wanted,
                                     const AccountProgram& program, const EntitlementNames& names) {
  add_attributes(account, wanted.at("set"), program);
  add_memberships(account, wanted.value("groups", json::array()), program, names);
}

void AccountComparison::add_attributes(const Account& account, const json& set,
                                       const AccountProgram& program) {
  const json attributes = json::parse(account.attributes);
  if (!account.active) parts_.push_back({"active", "active", false, true, "people.active"});
  for (const auto& [path, value] : set.items()) {
    const Attribute* attribute = program.capabilities().schema.find(path);
    if (attribute != nullptr && attribute->readable)
      parts_.push_back({path, path, at_path(attributes, path), value, rule_of(program, path)});
  }
}

void AccountComparison::add_memberships(const Account& account, const json& groups,
                                        const AccountProgram& program, const EntitlementNames& names) {
  const json all = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  std::map<Edge, json> held;
  for (const auto& [kind, edges] : all.items())
    for (const auto& [id, details] : edges.items()) held[{kind, id}] = details;
  auto giving = rules_giving(program.rules(), names);
  const auto part = [&](const Edge& edge) {
    return Part{edge.first + " " + names.name_of(edge.first, edge.second),
                edge.first + " " + edge.second,
                {},
                {},
                giving[edge]};
  };
  for (const auto& [edge, details] : wanted_edges(groups, names).known) {
    Part one = part(edge);
    one.wanted = json(details);
    if (const auto found = held.find(edge); found != held.end()) {
      const EntitlementKind* kind = program.capabilities().entitlement(edge.first);
      one.now = found->second;
      one.wanted = wanted_details(program.rules(), details, found->second.get<std::vector<std::string>>());
      if (kind != nullptr && !kind->change) one.wanted = one.now;  // its details are the platform's
      held.erase(found);
    }
    parts_.push_back(std::move(one));
  }
  for (const auto& [edge, details] : held) {
    if (!goes(program, edge.first)) continue;
    Part one = part(edge);
    one.now = details;
    one.rule = "no rule gives it";
    parts_.push_back(std::move(one));
  }
}

}  // namespace usher
