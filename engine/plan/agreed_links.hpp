#pragma once

#include "engine/desired/entitlement_names.hpp"
#include "engine/desired/planning_input.hpp"
#include "engine/plan/diff.hpp"
#include "engine/runtime/progress.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Takes the pairs of people and accounts that only each other match, and that agree, out of a difference,
/// and puts their links and their number into the plan. Does nothing where few have to be matched: opening
/// them is cheaper than looking through everybody.
void take_agreed_pairs(Database& database, const PlanningInput& input, std::size_t target,
                       const EntitlementNames& names, Difference& difference, Plan& plan, Progress& progress);

}  // namespace usher
