#pragma once

#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"
#include "state/model/unsettled.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Whether a plan is about everybody: what it holds is all there is to hold.
bool is_of_everybody(const Plan& plan);

/// Leaves of a judged plan what is about somebody of `keys`: keys of people, or ids or labels of accounts.
/// What a guard holds stays held: it was judged over everybody. Throws CommandError(usage) naming a key that
/// is nobody's.
void keep_only(Plan& plan, std::vector<std::string> keys, Database& database, const PlanningInput& input);

/// Takes operations out of a plan, by their index, and what their changes say of them; changes of which
/// nothing is left go too. Leaves the order of the rest.
void take_out(Plan& plan, const std::vector<bool>& dropped);

/// Takes out of a plan what is about accounts of which an earlier operation is unsettled, and says so in a
/// note of kind "unsettled" for each. Leaves the plan in order.
void leave_out(Plan& plan, const std::vector<Unsettled>& unsettled);

}  // namespace usher
