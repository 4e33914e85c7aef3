#include "state/model/effect.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// The details of the membership an operation is about; null when the account does not have it.
json membership_in(const Account& account, const Membership& membership) {
  const json all = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  const auto kind = all.find(membership.kind);
  if (kind == all.end()) return nullptr;
  const auto edge = kind->find(membership.entitlement);
  return edge == kind->end() ? json() : *edge;
}

/// Whether a pull answers every attribute an update writes: one that it does not answer cannot be compared.
bool can_be_read(const json& values, const Schema& schema) {
  for (const auto& [path, value] : values.items()) {
    const Attribute* attribute = schema.find(path);
    if (attribute != nullptr && (!attribute->readable || attribute->secret)) return false;
  }
  return true;
}

bool holds(const Account& account, const json& values, const Schema& schema) {
  const json attributes = json::parse(account.attributes);
  for (const auto& [path, value] : values.items()) {
    const Attribute* attribute = schema.find(path);
    const json& held = at_path(attributes, path);
    if (attribute == nullptr ? held != value : held != normalised(value, *attribute)) return false;
  }
  return true;
}

// What a platform makes of the details counts: one adds the right to list to every other right.
bool holds(const Account& account, const Membership& membership, const Capabilities& capabilities) {
  const json details = membership_in(account, membership);
  const EntitlementKind* kind = capabilities.entitlement(membership.kind);
  if (details.is_null() || kind == nullptr) return false;
  return kind->details.empty() || details == json(kind->closure(membership.details));
}

}  // namespace

bool looks_locked(const Account& account, const Capabilities& capabilities) {
  const json attributes = json::parse(account.attributes);
  const AttributeValues& shows = capabilities.locking.shows;
  return std::all_of(shows.begin(), shows.end(), [&](const auto& value) {
    return at_path(attributes, value.first) == json::parse(value.second);
  });
}

bool shows_effect(const Operation& operation, const Capabilities& capabilities) {
  const bool locks = operation.kind == OperationKind::lock || operation.kind == OperationKind::unlock;
  if (operation.kind == OperationKind::update && !can_be_read(operation.after, capabilities.schema))
    return false;
  return operation.kind != OperationKind::rotate && operation.kind != OperationKind::revoke &&
         !(locks && capabilities.locking.shows.empty());
}

bool took_effect(const Operation& operation, const std::optional<Account>& account,
                 const Capabilities& capabilities) {
  if (operation.kind == OperationKind::remove) return !account;
  if (!account || !shows_effect(operation, capabilities)) return false;
  switch (operation.kind) {
    case OperationKind::create:
      return true;
    case OperationKind::enable:
      return account->active;
    case OperationKind::disable:
      return !account->active;
    case OperationKind::lock:
      return looks_locked(*account, capabilities);
    case OperationKind::unlock:
      return !looks_locked(*account, capabilities);
    case OperationKind::update:
      return holds(*account, operation.after, capabilities.schema);
    case OperationKind::add_membership:
    case OperationKind::change_membership:
      return holds(*account, operation.membership, capabilities);
    case OperationKind::remove_membership:
      return membership_in(*account, operation.membership).is_null();
    case OperationKind::rotate:
    case OperationKind::revoke:
    case OperationKind::remove:
      break;
  }
  return false;
}

}  // namespace usher
