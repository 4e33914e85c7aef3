#pragma once

#include <filesystem>

#include "state/store/connection.hpp"

namespace usher {

/// Writes a whole copy of a state, as it is at one moment, to a new file of mode 0600. A writer may work on
/// the state meanwhile. Throws StoreError: failed when `to` exists or cannot be written (nothing is left
/// behind); what opening `from` throws.
void copy_state(const std::filesystem::path& from, const std::filesystem::path& to);

/// Before a state is brought to a newer version: a copy for the program that made it, at STATE.v4 where 4 is
/// the version that `state` has. It takes the place of an earlier one of that name. Throws
/// StoreError(failed).
void copy_before_migration(Connection& state, const std::filesystem::path& file, int version);

}  // namespace usher
