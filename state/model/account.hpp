#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace usher {

/// One user object of a platform, or one record of a source, in canonical form.
struct Account {
  std::string id;      ///< the platform's immutable id; for a record its key
  bool active = true;  ///< may log in
  std::string
      attributes;  ///< canonical JSON object: keys sorted, no spaces, empty members left out, sets sorted
  std::string memberships;  ///< canonical JSON {"group":{"<entitlement id>":["<detail>",…]}}; "{}" for none
  bool summary = false;     ///< the listing shows only a part: a read() gives the rest
};

/// Something an account can be in or have.
struct Entitlement {
  std::string kind;  ///< "group", "profile", "role", "tenant"
  std::string id;
  std::string name;
  std::string scope;  ///< owner, tenant…: tells two of one name apart; empty when names are unique
  std::uint64_t members =
      0;  ///< accounts that have it, where the platform lists them apart from its accounts
};

/// The edge between an account and an entitlement.
struct Membership {
  std::string account;  ///< account id
  std::string kind;
  std::string entitlement;           ///< entitlement id
  std::vector<std::string> details;  ///< actions, role in the group…: sorted, without duplicates
};

/// The canonical JSON of the memberships of one account, as Account::memberships holds it; order does not
/// matter.
std::string canonical_memberships(const std::vector<Membership>& edges);

}  // namespace usher
