#include "engine/session/foreign_plan.hpp"

#include <fmt/format.h>

#include "engine/runtime/exit_code.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

void stop_for_foreign_plan(Database& database, const Plan& plan, const PlanningInput& now) {
  if (plan.format != plan_format) {
    throw CommandError(ExitCode::plan_stale,
                       fmt::format("The plan is of format {}, which nothing ties to a state: it can be shown "
                                   "and not applied. Make a new one with 'usher plan'.",
                                   plan.format));
  }
  if (plan.state != database.identity()) {
    throw CommandError(
        ExitCode::plan_stale,
        fmt::format("The plan was made from another state than {}. Apply it with the state it was made "
                    "from (--state), or make a new one with 'usher plan'.",
                    database.file().string()));
  }
  if (now.rules_digest != plan.rules) {
    throw CommandError(
        ExitCode::plan_stale,
        "The plan is stale: the configuration, a recipe, this program or the groups of a platform changed "
        "since it was made. Make a new one with 'usher plan'.");
  }
  Snapshots snapshots(database.connection());
  for (const Seal& seal : plan.seals) {
    const auto state = snapshots.platform(seal.platform);
    if (state && state->generation >= seal.generation) continue;
    throw CommandError(ExitCode::plan_stale,
                       fmt::format("The plan is newer than the state, which was perhaps restored from a "
                                   "backup: it knows snapshot {} of {}, the state has {}. Make a new one "
                                   "with 'usher plan --pull'.",
                                   seal.generation, seal.platform, state ? state->generation : 0));
  }
}

}  // namespace usher
