#pragma once

#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Takes out of a plan what earlier runs showed to be of no use, each with a note: what a platform refused
/// for its content, until record, rule or account change, what stood in the way goes, or a day passes; and
/// what was done twice, each time before a complete pull, without the account ever showing it (what takes
/// something away is tried again once a day). What needs a step that is taken out goes with it.
void heed_past_outcomes(Plan& plan, Database& database, const PlanningInput& input);

}  // namespace usher
