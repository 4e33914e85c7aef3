#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/plan/lazy_count.hpp"
#include "rules/config.hpp"
#include "state/model/plan.hpp"
#include "state/store/approvals.hpp"

namespace usher {

/// What guards have to know of one platform besides the plan.
struct GuardedPlatform {
  const AccountRules* rules = nullptr;
  LazyCount population;     ///< accounts that are linked, or matched in this plan
  std::string natural_key;  ///< path of the attribute the platform finds accounts by; empty: none
  bool settled = false;     ///< an apply there ended without a failure before
};

/// What guards have to know of everything.
struct GuardBasis {
  std::map<std::string, GuardedPlatform> platforms;
  const PeopleRules* people = nullptr;
  LazyCount declared;  ///< people in the sources
  /// Whether the sources still have a record of the person.
  std::function<bool(const std::string& person)> is_declared;
  /// Whether the person has, or had last, a link to an account of the platform.
  std::function<bool(const std::string& platform, const std::string& person)> had_account;
  /// The approvals that hold, by approval_digest() of what each admits.
  std::multimap<std::string, Approval> approvals = {};
};

/// Judges a whole plan by its guards and holds the operations of a lane whose guard trips; the rest of the
/// plan stands. A guard allows the larger of its percentage of the population and its floor; it counts
/// accounts or people, not calls. What an approval admits in a lane that would be held is neither counted nor
/// held there, and says under which approval it is done. Defaults: rules/guard_defaults. One objection for
/// each cause; Plan::guards says of each guard how far it is used.
///
///   removals          accounts that are disabled, locked, deleted, or lose a membership, details of one or
///                     credentials
///   disable, delete, memberships    parts of removals; only where configured
///   orphans           accounts that nobody declares and that are disabled, locked or deleted; removals and
///                     memberships do not count these, disable and delete do
///   enable            accounts that are enabled or unlocked; the whole change is held
///   keys              accounts whose natural key changes
///   update, create    accounts
///   vanished          linked accounts that the platform no longer shows: holds creates and takings there
///   vanished-records  people who are in no source any more and would lose something: holds every taking,
///                     everywhere
///   rule-errors       people for whom a rule fails: holds every taking, everywhere
void review(Plan& plan, const GuardBasis& basis);

}  // namespace usher
