#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "state/model/schema.hpp"

namespace usher {

/// One call that writes a set of attributes. An update operation goes through exactly one route.
struct UpdateRoute {
  std::string name;                     ///< "profile", "tags", "identity"
  std::vector<std::string> attributes;  ///< attribute paths this call writes
};

/// One kind of entitlement and what can be done with its memberships.
struct EntitlementKind {
  std::string name;  ///< "group"
  bool add = false;
  bool remove = false;
  bool change = false;                       ///< details of an existing membership can be replaced
  bool add_before_remove = true;             ///< the last membership must never go first
  bool keeps_last = false;                   ///< an account must have at least one
  bool parallel = false;                     ///< requests that change one at the same time lose nothing
  bool sets = false;                         ///< one call writes all that an account has of this kind
  std::vector<std::string> details;          ///< the details that exist; empty: none
  std::vector<std::string> default_details;  ///< what a rule that names none means
  /// What the platform makes of the details it is given: one adds the right to list to every other right.
  /// Never empty; identity where a platform changes nothing. Safe from any thread.
  std::function<std::vector<std::string>(std::vector<std::string>)> closure =
      [](std::vector<std::string> asked) { return asked; };
};

/// One kind of credential an account can have: password, API token, session.
struct CredentialKind {
  std::string name;  ///< "api-token"
  std::string about;
  bool list = false;       ///< those of an account can be told; a platform never tells the secret itself
  bool rotate = false;     ///< a new one can be made
  bool generated = false;  ///< rotate: this program makes the secret
  bool answered = false;   ///< rotate: the platform makes it and answers it once
  bool revoke = false;
  bool own = false;    ///< rotate: of the engine's own account, and of no other
  std::string holder;  ///< what holds it, when that is no account of a person: "service account"
};

/// Values of attributes: path and JSON text, sorted by path.
using AttributeValues = std::vector<std::pair<std::string, std::string>>;

/// How the use of an account is taken away where it cannot be disabled. That an account is locked stands in
/// the state: most platforms cannot show it.
struct Locking {
  std::vector<std::string> takes;  ///< kinds of entitlements an account keeps no membership of
  AttributeValues sets;            ///< attributes that are written before
  AttributeValues shows;           ///< how a locked account reads, where one can tell
};

/// What a platform takes for a secret that this program makes.
struct SecretRule {
  std::size_t shortest = 12, longest = 256;  ///< characters
  std::string alphabet;                      ///< the characters it takes; empty: all that can be printed

  /// The characters such a secret is made of, sorted and each once: those of `wanted` that the platform
  /// takes; nothing wanted is letters, digits and signs that nobody confuses.
  std::string characters(const std::string& wanted) const;
};
/// So many different characters are the least a secret is made of.
inline constexpr std::size_t fewest_secret_characters = 10;

/// What one platform can do. The planner turns anything else into a stated choice, never into a failing call.
struct Capabilities {
  Schema schema;
  bool create = false;
  bool read = false;       ///< read() of one account by id
  bool find = false;       ///< read() of one account by its natural key, to settle an unknown create
  bool asks_self = false;  ///< a pull asks which account this program logs in with
  bool enable = false;
  bool disable = false;
  bool lock = false;
  bool unlock = false;
  bool lock_secret = false;    ///< locking takes a secret that this program generates and forgets
  bool unlock_secret = false;  ///< unlocking takes a secret that this program generates
  Locking locking;
  bool remove = false;  ///< deletes for good
  bool create_disabled = false;
  bool updates_need_active = false;  ///< enable before update before disable
  std::string
      natural_key;    ///< attribute that is unique on the platform ("credentials.identity"), empty: none
  std::string label;  ///< attribute a person recognises an account by
  std::vector<UpdateRoute> updates;
  std::vector<EntitlementKind> entitlements;
  std::vector<std::string> create_gives;    ///< kinds of entitlements whose memberships come with a create
  std::vector<CredentialKind> credentials;  ///< sorted by name
  std::vector<std::string> leaving;         ///< kinds of credentials that a leaver loses first, in this order
  bool first_secret = false;                ///< a create takes a secret that this program generates
  std::vector<std::string> omits;           ///< what a listing leaves out though it exists: "disabled"
  bool answers_secret = false;              ///< a create is answered with a secret that the platform made
  bool create_has_steps = false;            ///< a create is followed by calls that make the account whole
  std::chrono::seconds create_lag{0};       ///< so long after a create a listing may not show the account yet
  std::string digest;                       ///< changes when anything above changes
  SecretRule secrets;
  unsigned concurrency = 8;  ///< requests it takes at once
  unsigned together = 1;     ///< changes of memberships that one request carries at most

  const EntitlementKind* entitlement(std::string_view kind) const;
  const CredentialKind* credential(std::string_view kind) const;
  /// The route that writes this attribute; null when nothing can change it after creation.
  const UpdateRoute* route(std::string_view attribute) const;
};

}  // namespace usher
