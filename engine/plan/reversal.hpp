#pragma once

#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Marks each operation of a plan by what an undo of it would bring back, as far as the platform lets it.
/// REQUIRES: the operations of one change stand side by side.
void mark_reversals(Plan& plan, const PlanningInput& input);

}  // namespace usher
