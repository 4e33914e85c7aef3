#pragma once

#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Throws CommandError(plan_stale) for a plan that this state and this configuration did not make: another
/// format, another state, other rules, or snapshots that the state does not have yet.
void stop_for_foreign_plan(Database& database, const Plan& plan, const PlanningInput& now);

}  // namespace usher
