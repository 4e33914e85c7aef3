#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/answers/history.hpp"
#include "engine/desired/entitlement_names.hpp"
#include "state/model/account.hpp"

namespace usher {

/// Everything of an account that can change.
struct AccountParts {
  std::map<std::string, nlohmann::json> values;  ///< attributes by path, and `active`
  std::map<std::pair<std::string, std::string>, nlohmann::json>
      memberships;  ///< details, by kind and id of the entitlement
};

AccountParts parts_of(const Account& account);

/// The same as people read it: memberships by name ("group engineers").
nlohmann::json named_parts(const AccountParts& parts, const EntitlementNames& names);

/// What changed from one to the other, an entry each; both may lack what the other has.
std::vector<HistoryEntry> changes_between(const AccountParts& before, const AccountParts& now,
                                          const EntitlementNames& names);

}  // namespace usher
