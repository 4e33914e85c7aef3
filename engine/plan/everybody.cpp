#include "engine/plan/everybody.hpp"

#include "engine/plan/holding_off.hpp"
#include "engine/plan/past_outcomes.hpp"
#include "engine/plan/plan_filter.hpp"
#include "engine/plan/planner.hpp"
#include "engine/plan/staying_out.hpp"

namespace usher {

Plan plan_everybody(Database& database, const PlanningInput& input,
                    const std::map<std::string, std::string>& unreadable,
                    const std::vector<Unsettled>& unsettled, Progress& progress) {
  Plan plan = make_plan(database, input, unreadable, progress);
  heed_holds(plan, database, input);  // none of them keeps a taking back
  keep_out(plan, database, input);
  leave_out(plan, unsettled);
  heed_past_outcomes(plan, database, input);
  return plan;
}

}  // namespace usher
