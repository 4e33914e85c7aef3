#include "engine/answers/leaving.hpp"

#include <set>

#include "engine/runtime/time.hpp"

namespace usher {

namespace {

std::string what_is_lost(const Operation& operation, const Plan& plan) {
  switch (operation.kind) {
    case OperationKind::remove_membership:
      for (const MembershipChange& edge : plan.changes[operation.change].memberships) {
        if (edge.kind == operation.membership.kind && edge.entitlement == operation.membership.entitlement)
          return edge.kind + " " + (edge.name.empty() ? edge.entitlement : edge.name);
      }
      return operation.membership.kind + " " + operation.membership.entitlement;
    case OperationKind::revoke:
      return "all of " + operation.route;
    case OperationKind::disable:
      return "account is disabled";
    case OperationKind::lock:
      return "account is locked";
    default:
      return "account is deleted";
  }
}

}  // namespace

std::vector<PlannedLoss> losses(Forecast& forecast, int days) {
  std::vector<PlannedLoss> found;
  std::set<std::string> known;
  for (int day = 0; day <= days; ++day) {
    const Plan plan = forecast.plan(day);
    for (const Operation& operation : plan.operations) {
      if (!takes_away(operation.kind) || !known.insert(operation.id).second) continue;
      const Change& change = plan.changes[operation.change];
      found.push_back({plan.now.substr(0, 10), operation.platform, operation.person, operation.account,
                       operation.label, what_is_lost(operation, plan), change.because, operation.held});
    }
  }
  return found;
}

}  // namespace usher
