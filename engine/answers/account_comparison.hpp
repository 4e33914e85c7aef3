#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/desired/entitlement_names.hpp"
#include "rules/accounts.hpp"
#include "state/model/account.hpp"

namespace usher {

/// Every attribute and membership that the rules manage in one account, as it is and as it should be.
class AccountComparison {
 public:
  struct Part {
    std::string what;            ///< "name", "group engineers"
    std::string subject;         ///< as HistoryEntry::subject()
    nlohmann::json now, wanted;  ///< null: none
    std::string rule;            ///< what wants it so: "no rule gives it" of a membership; empty: no rule

    bool agrees() const { return now == wanted; }
  };

  /// wanted: desired_account_json() of somebody who is active.
  AccountComparison(const Account& account, const nlohmann::json& wanted, const AccountProgram& program,
                    const EntitlementNames& names);

  /// Attributes, then memberships; each by name.
  const std::vector<Part>& parts() const { return parts_; }

 private:
  void add_attributes(const Account& account, const nlohmann::json& set, const AccountProgram& program);
  void add_memberships(const Account& account, const nlohmann::json& groups, const AccountProgram& program,
                       const EntitlementNames& names);

  std::vector<Part> parts_;
};

}  // namespace usher
