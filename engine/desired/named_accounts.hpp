#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "engine/desired/planning_input.hpp"
#include "state/model/account.hpp"

namespace usher {

/// Which accounts of a target are named by somebody who is declared.
struct NamedAccounts {
  std::map<std::string, std::string>
      people;                 ///< by account id; of several people the one whose id comes first
  std::size_t failing = 0;    ///< people of whom a rule fails: any account may be theirs
  std::string first_failing;  ///< the id that comes first
};

/// Which of these accounts of a target somebody who is declared could be matched to, and who: by any match
/// rule or the platform's natural key, whether or not the person has an account there, is active or in scope.
/// Of somebody for whom unique() never chose, each of its candidates counts. Evaluates everybody once, on all
/// threads; nobody where there are no accounts.
NamedAccounts named_accounts(const Database& database, const PlanningInput& input, std::size_t target,
                             std::span<const Account> accounts);

}  // namespace usher
