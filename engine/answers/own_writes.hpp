#pragma once

#include "engine/workspace/workspace.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Counts what usher itself wrote to platforms since they were read as seen: changes their accounts as the
/// journal says, as a pull would show them. For private copies of a state only: a plan that is carried out
/// relies on what was read. Leaves alone platforms that were not read completely, and those of which the
/// journal does not know every write any more.
void count_own_writes(Database& copy, const Workspace& setup);

}  // namespace usher
