#include "state/model/same_part.hpp"

#include <algorithm>

namespace usher {

namespace {

bool is_of_use(OperationKind kind) {
  return kind == OperationKind::enable || kind == OperationKind::disable || kind == OperationKind::lock ||
         kind == OperationKind::unlock;
}

}  // namespace

bool about_the_same(const Operation& one, const Operation& other) {
  if (one.kind == OperationKind::update && other.kind == OperationKind::update) {
    for (const auto& [path, value] : one.after.items())
      if (other.after.contains(path)) return true;
    return false;
  }
  if (!one.membership.kind.empty())
    return one.membership.kind == other.membership.kind &&
           one.membership.entitlement == other.membership.entitlement;
  return is_of_use(one.kind) && is_of_use(other.kind);
}

bool about_the_same(const Operation& operation, const Change& change) {
  const auto has_field = [&](const auto& is_it) { return std::ranges::any_of(change.fields, is_it); };
  if (operation.kind == OperationKind::create || operation.kind == OperationKind::remove) return true;
  if (operation.kind == OperationKind::update)
    return has_field([&](const FieldChange& field) { return operation.after.contains(field.path); });
  if (is_of_use(operation.kind))
    return has_field(
        [](const FieldChange& field) { return field.path == "active" || field.path == "locked"; });
  if (operation.membership.kind.empty()) return false;
  return std::ranges::any_of(change.memberships, [&](const MembershipChange& edge) {
    return edge.kind == operation.membership.kind && edge.entitlement == operation.membership.entitlement;
  });
}

}  // namespace usher
