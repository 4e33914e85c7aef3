#pragma once

#include <cstdint>

#include "engine/desired/planning_input.hpp"
#include "engine/runtime/progress.hpp"

namespace usher {

/// What desire() did.
struct DesiredStateSummary {
  std::uint64_t evaluated = 0;  ///< people whose record or rules changed
};

/// Brings the people and wanted tables up to date with the sources' snapshots. Only people whose record came,
/// went or changed since the last time are evaluated, and those for whom time alone may have changed
/// something; all of them when the rules changed or the clock went back. Parallel over slices of the records;
/// the same tables for any number of threads.
DesiredStateSummary desire(Database& database, const PlanningInput& input, Progress& progress);

/// Whether the tables are of the sources' snapshots and the rules as they are now.
bool desired_is_current(Database& database, const PlanningInput& input);

}  // namespace usher
