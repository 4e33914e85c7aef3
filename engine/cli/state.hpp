#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/cli/command.hpp"
#include "state/store/database.hpp"
#include "state/store/status.hpp"

namespace usher::cli {

/// The file of the state: --state, else where the configuration says. Throws CommandError.
std::filesystem::path state_file(const Call& call);

/// Opens the state: --state, else where the configuration says. Who reads is beside whoever writes it; who
/// writes waits for another writer for as long as --lock-timeout says. Secrets of the configuration are not
/// looked up. Throws CommandError, and StoreError for what cannot be read.
Database open_state(const Call& call, Access access = Access::read);

/// What the state knows when a command has ended, as read_latest_status() reads it; nullopt: it cannot be
/// read.
std::optional<Status> last_status(const std::filesystem::path& state);

/// A plan that was made: a file, or one the state keeps, by its digest or how it begins. Throws CommandError.
Plan saved_plan(const Call& call, const std::string& name);

}  // namespace usher::cli
