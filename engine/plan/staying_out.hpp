#pragma once

#include <string>

#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"
#include "state/store/offboarded.hpp"

namespace usher {

/// That nothing is given to somebody, until when, and how that ends.
std::string kept_out_text(const Offboarded& offboarded, const std::string& person);

/// Whether an operation gives access: to somebody who was offboarded it is not done.
bool gives_access(const Operation& operation);

/// Keeps offboarded people out of a plan as long as a source still has them: what the plan would do to their
/// accounts is replaced by taking what they have, as their offboarding did. A note of kind "offboarded" says
/// what is not given. Remembers in the state who left by the sources since, and ends what is over: of such a
/// person the rules decide again. After desire(). Leaves the plan in order.
void keep_out(Plan& plan, Database& database, const PlanningInput& input);

/// Leaves out of a plan what gives access to people who are kept out, and says so in notes of the same kind.
/// Leaves the plan in order.
void give_nothing(Plan& plan, Database& database, const PlanningInput& input);

}  // namespace usher
