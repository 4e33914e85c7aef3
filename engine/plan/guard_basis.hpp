#pragma once

#include <string>

#include "engine/desired/planning_input.hpp"
#include "engine/plan/guards.hpp"
#include "rules/config.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// The fact that an apply on a platform ended without a failure before: what default guards of updates and
/// creates wait for.
std::string fact_of_settled(const std::string& platform);

/// What the state and the configuration tell the guards that judge `plan`. The result refers to `database`
/// and `config`.
GuardBasis guard_basis(Database& database, const Config& config, const Plan& plan,
                       const PlanningInput& made_from);

}  // namespace usher
