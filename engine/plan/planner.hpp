#pragma once

#include "engine/desired/planning_input.hpp"
#include "engine/runtime/progress.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Makes the plan: merges both sides of every platform, matches people without accounts, judges each
/// difference and orders what follows. Pure but for one thing: accounts found to be as wanted are remembered
/// as settled, so that the next plan need not look at them. Platforms never pulled, or named in `unreadable`,
/// are left out with a note. The same plan for any number of threads.
Plan make_plan(Database& database, const PlanningInput& input,
               const std::map<std::string, std::string>& unreadable, Progress& progress);

}  // namespace usher
