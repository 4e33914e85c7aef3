#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "engine/runtime/progress.hpp"
#include "state/model/plan.hpp"
#include "state/model/unsettled.hpp"
#include "state/store/database.hpp"

namespace usher {

/// The plan about everybody, before guards judge it: what make_plan() finds, without what is held off, what
/// offboarded people would get, what an earlier run left unsettled, and what earlier runs showed to be of no
/// use. unreadable: as for make_plan(). REQUIRES: desire() with the same input. Throws what make_plan()
/// throws.
Plan plan_everybody(Database& database, const PlanningInput& input,
                    const std::map<std::string, std::string>& unreadable,
                    const std::vector<Unsettled>& unsettled, Progress& progress);

}  // namespace usher
