#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "state/model/account.hpp"

namespace usher {

enum class OperationKind : std::uint8_t {
  create,
  enable,
  unlock,  ///< gives back what a lock took: a new secret, access
  update,
  add_membership,
  change_membership,
  remove_membership,
  rotate,  ///< a new secret in place of the one there is
  revoke,  ///< tokens, sessions: one of them, or all of a kind
  disable,
  lock,  ///< where there is no disabling: takes every way to log in
  remove,
};
const char* to_string(OperationKind kind);
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
OperationKind operation_kind(std::string_view name);

/// Takes something away from a person: counted by guards, allowed only under a seal.
bool takes_away(OperationKind kind);
/// Nothing is left to do when its account is gone: a removal, not a disable, which leaves an account behind.
bool met_by_absence(OperationKind kind);

/// What an undo of an operation brings back.
enum class Reversal : std::uint8_t {
  reversible,    ///< what was there before
  restorable,    ///< the same use of the account, with something new: another secret, an account that stays
  irreversible,  ///< nothing
};
const char* to_string(Reversal reversal);
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
Reversal reversal(std::string_view name);

/// One step: one request that changes one account. Its id is a digest of what it does, the same in every plan
/// that holds it.
struct Operation {
  std::string id;
  OperationKind kind = OperationKind::update;
  std::string platform;
  std::string account;     ///< the platform's id; empty until a create has answered
  std::string person;      ///< person id; empty for an account without one
  std::string label;       ///< what a person recognises the account by
  std::string route;       ///< update: the UpdateRoute's name; rotate, revoke: the CredentialKind's
  std::string credential;  ///< revoke: the id of one; empty: all of the kind
  /// {path: value} the plan relied on: who the account is, and what an update writes over. Empty for a
  /// create.
  nlohmann::json before = nlohmann::json::object();
  nlohmann::json after = nlohmann::json::object();  ///< create, update: {path: value} to write; null empties
  bool active = true;                               ///< create: the state to create in
  bool was_active = true;                           ///< others: the account's state when the plan was made
  std::vector<Membership> gives;          ///< create: the memberships that come with it; accounts are empty
  Membership membership;                  ///< membership operations: account may be empty as above
  std::vector<std::string> held_details;  ///< change/remove membership: the details the plan relied on
  /// Ids of operations of other changes that must be done before this one: what it writes is theirs until
  /// then.
  std::vector<std::string> waits_for = {};
  std::size_t change = 0;  ///< index of its change in the plan
  bool held = false;       ///< a guard holds it: not executed
  Reversal reversal = Reversal::reversible;
  std::vector<std::string> held_by = {};    ///< the lanes that hold it: "iot.removals"
  std::vector<std::string> approvals = {};  ///< under which it is done although its lane is held, as text
};

/// What an operation does, as a digest: the same in every plan that holds it.
std::string identity_of(const Operation& operation);

/// What it does, a value or a membership at a time, each as a digest that is the same in every plan: an
/// update has one for each attribute, anything else one. That of a create is the same whatever the values.
std::vector<std::string> parts_of(const Operation& operation);
/// The digest of one attribute that an update writes.
std::string part_of(const Operation& operation, const std::string& path);

/// What an approval admits: SHA-256 over platform, kind, account, what identifies the account, and each
/// attribute, membership or credential with the value it gets. The same in every plan that wants the same.
std::string approval_digest(const Operation& operation);

/// The kinds of memberships that these operations change, sorted: what must be known of an account to judge
/// them.
std::vector<std::string> kinds_of(std::span<const Operation> operations);

/// The memberships that they change, by kind and entitlement, sorted.
std::vector<std::pair<std::string, std::string>> edges_of_all(std::span<const Operation> operations);

/// Complete and without secrets: the journal and saved plans hold operations so.
/// Appends it as canonical JSON.
void append_json(std::string& out, const Operation& operation);
nlohmann::json to_json(const Operation& operation);
/// Reads what to_json wrote; throws nlohmann::json::exception or std::invalid_argument for anything else.
Operation operation_from_json(const nlohmann::json& json);

}  // namespace usher
