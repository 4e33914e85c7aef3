#pragma once

#include <map>
#include <span>
#include <string>

#include "engine/desired/planning_input.hpp"
#include "state/model/account.hpp"

namespace usher {

/// Which of these accounts of a target somebody who is declared could be matched to, and who: by any match
/// rule or the platform's natural key, whether or not the person has an account there, is active or in scope.
/// By account id; of several people the one whose key comes first. Derives everybody once, on all threads.
std::map<std::string, std::string> named_accounts(const Database& database, const PlanningInput& input,
                                                  std::size_t target, std::span<const Account> accounts);

}  // namespace usher
