#pragma once

#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Takes out of a plan what somebody undid and holds off for a time, each account with a note: single values
/// and memberships by themselves; with what gives or takes the use of an account all that belongs to it.
/// Leaves the plan in order.
void heed_holds(Plan& plan, Database& database, const PlanningInput& input);

}  // namespace usher
