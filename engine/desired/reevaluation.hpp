#pragma once

#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/store/database.hpp"
#include "state/store/people.hpp"

namespace usher {

/// People who are to be evaluated again though neither record nor rules changed: those for whom time alone
/// may have changed something, and those for whom unique() found nothing, since others may have let go of a
/// value. By key.
std::vector<PersonRow> due_again(Database& database, const PlanningInput& input);

/// Whether everybody was evaluated for a later time than this one, or for nobody knows which, and time
/// matters.
bool clock_went_back(Database& database, const PlanningInput& input);
/// For which time everybody is evaluated by now. Joins the caller's transaction.
void remember_when(Database& database, const PlanningInput& input);

}  // namespace usher
