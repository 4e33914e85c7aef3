#include "engine/apply/reliance.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "state/model/normalise.hpp"
#include "state/model/operation_messages.hpp"
#include "state/model/relied_memberships.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// Whether the account has this value because an operation of the same change wrote it.
bool written_by_change(std::span<const Operation> change, const Operation& asking, const std::string& path,
                       const json& value) {
  return std::any_of(change.begin(), change.end(), [&](const Operation& other) {
    return other.kind == OperationKind::update && other.account == asking.account &&
           other.after.contains(path) && other.after.at(path) == value;
  });
}

/// Whether the operation gives something that a disabled account should not get, or deletes for good.
bool wants_it_active(OperationKind kind) {
  switch (kind) {
    case OperationKind::update:
    case OperationKind::add_membership:
    case OperationKind::change_membership:
    case OperationKind::remove:
    case OperationKind::unlock:
      return true;
    default:
      return false;
  }
}

bool edge_changed(const Operation& operation, const Account& account) {
  if (operation.kind != OperationKind::change_membership &&
      operation.kind != OperationKind::remove_membership) {
    return false;
  }
  const json held = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  const auto kind = held.find(operation.membership.kind);
  if (kind == held.end()) return true;
  return kind->value(operation.membership.entitlement, json()) != json(operation.held_details);
}

}  // namespace

std::string why_stale(const Operation& operation, std::span<const Operation> change,
                      const std::optional<Account>& account, bool edges_read, const Schema& schema) {
  if (!account) return stale_message("the account is gone");
  const json attributes = json::parse(account->attributes);
  for (const auto& [path, value] : operation.before.items()) {
    if (path == relied_memberships) {
      if (edges_read && held_memberships(*account) == value) continue;
      return stale_message(
          edges_read ? "the memberships of the account changed since the plan was made; the next run sees it"
                     : "the memberships of the account could not be read, and the plan relies on them");
    }
    const Attribute* attribute = schema.find(path);
    if (attribute != nullptr && !attribute->readable) continue;  // nothing shows whether it changed
    const json& held = at_path(attributes, path);
    if (held == value || written_by_change(change, operation, path, held)) continue;
    return stale_message(path + " of the account changed since the plan was made; the next run sees it");
  }
  if (operation.was_active && !account->active && wants_it_active(operation.kind))
    return stale_message("the account was disabled since the plan was made; the next run sees it");
  if (edges_read && edge_changed(operation, *account))
    return stale_message("the membership changed since the plan was made; the next run sees it");
  return {};
}

}  // namespace usher
