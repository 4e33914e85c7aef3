#pragma once

#include <filesystem>
#include <string>

#include "engine/cli/command.hpp"
#include "state/store/database.hpp"

namespace usher::cli {

/// The file of the state: --state, else where the configuration says. Throws CommandError.
std::filesystem::path state_file(const Call& call);

/// Opens the state for reading, beside whoever writes it: --state, else where the configuration says.
/// Secrets of the configuration are not looked up. Throws CommandError.
Database open_state(const Call& call, Access access = Access::read);

/// A plan that was made: a file, or one the state keeps, by its digest or how it begins. Throws CommandError.
Plan saved_plan(const Call& call, const std::string& name);

}  // namespace usher::cli
