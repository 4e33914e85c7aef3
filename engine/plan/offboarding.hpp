#pragma once

#include <string>

#include "engine/desired/desired_state.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// The plan by which one person loses everything on every platform: what the usual plan of this moment knows
/// of accounts, proofs and platforms that cannot be read holds here too. A plan without a change says in its
/// notes why. Writes nothing.
Plan plan_offboarding(Database& database, const PlanningInput& input, const std::string& person,
                      const Plan& usual);

/// Whether anybody of this key is declared or has an account.
bool knows(Database& database, const PlanningInput& input, const std::string& person);

}  // namespace usher
