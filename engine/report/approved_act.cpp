#include "engine/report/approved_act.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace usher {

namespace {

std::string name_in(const Change& change, const Membership& membership) {
  for (const MembershipChange& edge : change.memberships) {
    const bool same = edge.kind == membership.kind && edge.entitlement == membership.entitlement;
    if (same && !edge.name.empty()) return edge.name;
  }
  return membership.entitlement;
}

}  // namespace

std::string approved_act(const Plan& plan, const Operation& operation) {
  const std::string& who = operation.label.empty() ? operation.person : operation.label;
  std::string text = fmt::format("{} {} {}", operation.platform, to_string(operation.kind), who);
  if (!operation.membership.kind.empty())
    text += fmt::format(": {} {}", operation.membership.kind,
                        name_in(plan.changes.at(operation.change), operation.membership));
  if (!operation.after.empty())
    text += ": " + operation.after.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text;
}

}  // namespace usher
