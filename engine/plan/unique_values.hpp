#pragma once

#include <string>
#include <vector>

#include "engine/desired/correlation.hpp"
#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// An account that has a value which somebody's new account is to have, as matching found it.
struct Claim {
  std::string person;  ///< whose new account
  std::string path;
  Fingerprint account;
};

/// Whether the value that another account has is all that is in the way of a new one: who gets it is settled
/// when everything else is planned. content: what the new account is to have, desired_account_json().
bool is_claim(const Database& database, const Target& target, const std::string& content,
              const Correlation& match);

/// Attributes that no two accounts of a platform have alike, sorted: the natural key, and what a recipe calls
/// unique.
std::vector<std::string> unique_attributes(const Capabilities& capabilities);

/// Settles who gets which unique value on one platform, when everything else is planned there. Of a value
/// that its holder gives up in this plan, the taker waits for the holder (Operation::waits_for). What cannot
/// be is taken out of the plan and noted: a value that several are to have, or that somebody keeps, and
/// circles; everything else of the accounts stays planned, but nobody's account is made, or deleted to be
/// made anew, without its values. O(operations) and, where a value may be held by an account that matching
/// did not look for, one pass over the accounts.
///
/// claims: who has what accounts that the plan creates are to have, sorted by person; matching found nobody
/// else who has the natural key of a new account.
void settle_unique_values(Plan& plan, Database& database, const Target& target,
                          const std::vector<Claim>& claims);

}  // namespace usher
