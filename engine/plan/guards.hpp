#pragma once

#include <map>
#include <string>

#include "rules/config.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Judges a whole plan by the guards of each platform and holds the operations of a lane whose guard trips;
/// the rest of the plan stands. A guard allows the larger of its percentage of the platform's linked accounts
/// and its floor. Guards count accounts, not calls:
///   removals  accounts that are disabled, locked, deleted or lose a membership (10 % and 2 unless
///   configured) disable, delete, memberships, update, create  only where configured
/// population: linked accounts by platform.
void review(Plan& plan, const std::map<std::string, AccountRules>& rules,
            const std::map<std::string, std::uint64_t>& population);

}  // namespace usher
