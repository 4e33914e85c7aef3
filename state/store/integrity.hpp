#pragma once

#include <string>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// Reads the whole state; what is damaged in it, a line each, at most a hundred.
std::vector<std::string> state_faults(Database& database);

/// Gives free pages back to the disk. Throws StoreError. REQUIRES: write access, no transaction.
void vacuum_state(Database& database);

}  // namespace usher
