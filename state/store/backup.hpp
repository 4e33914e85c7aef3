#pragma once

#include <filesystem>

namespace usher {

/// Writes a whole copy of a state, as it is at one moment, to a new file of mode 0600. A writer may work on
/// the state meanwhile. Throws StoreError: failed when `to` exists or cannot be written (nothing is left
/// behind); what opening `from` throws.
void copy_state(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace usher
