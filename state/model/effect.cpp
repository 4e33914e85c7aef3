#include "state/model/effect.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "state/model/json_path.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

json memberships_of(const Account& account) {
  return json::parse(account.memberships.empty() ? "{}" : account.memberships);
}

/// The details of the membership an operation is about; null when the account does not have it.
json membership_in(const Account& account, const Membership& membership) {
  const json all = memberships_of(account);
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

/// Takes out the objects that hold nothing: an account has no empty members.
void remove_empty(json& object) {
  for (auto member = object.begin(); member != object.end();) {
    if (member->is_object()) remove_empty(*member);
    member = member->is_object() && member->empty() ? object.erase(member) : std::next(member);
  }
}

void set_values(Account& account, const json& values, const Schema& schema) {
  json attributes = json::parse(account.attributes);
  for (const auto& [path, value] : values.items()) {
    const Attribute* attribute = schema.find(path);
    if (attribute != nullptr && (!attribute->readable || attribute->secret)) continue;
    json shown = attribute == nullptr ? value : normalised(value, *attribute);
    if (!shown.is_null()) {
      put_at(attributes, path, std::move(shown));
    } else if (!at_path(attributes, path).is_null()) {
      erase_at(attributes, path);
    }
  }
  remove_empty(attributes);
  account.attributes = attributes.dump();
}

void put_membership(Account& account, const Membership& membership, const Capabilities& capabilities) {
  const EntitlementKind* kind = capabilities.entitlement(membership.kind);
  json all = memberships_of(account);
  all[membership.kind][membership.entitlement] =
      kind == nullptr || kind->details.empty() ? membership.details : kind->closure(membership.details);
  account.memberships = all.dump();
}

void take_membership(Account& account, const Membership& membership) {
  json all = memberships_of(account);
  const auto kind = all.find(membership.kind);
  if (kind == all.end()) return;
  kind->erase(membership.entitlement);
  if (kind->empty()) all.erase(kind);
  account.memberships = all.dump();
}

}  // namespace

void apply_effect(const Operation& operation, Account& account, const Capabilities& capabilities) {
  switch (operation.kind) {
    case OperationKind::enable:
      account.active = true;
      break;
    case OperationKind::disable:
      account.active = false;
      break;
    case OperationKind::lock:
      for (const auto& [path, value] : capabilities.locking.shows)
        set_values(account, json::object({{path, json::parse(value)}}), capabilities.schema);
      break;
    case OperationKind::create:
    case OperationKind::update:
      set_values(account, operation.after, capabilities.schema);
      for (const Membership& given : operation.gives) put_membership(account, given, capabilities);
      break;
    case OperationKind::add_membership:
    case OperationKind::change_membership:
      put_membership(account, operation.membership, capabilities);
      break;
    case OperationKind::remove_membership:
      take_membership(account, operation.membership);
      break;
    case OperationKind::unlock:
    case OperationKind::rotate:
    case OperationKind::revoke:
    case OperationKind::remove:
      break;
  }
}

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
