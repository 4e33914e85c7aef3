#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>

#include "state/store/database.hpp"

namespace usher {

/// Opens a state for a command that writes to it. Another command that works on it is waited for, for so long
/// and until a stop is requested; the log says for whom. Throws CommandError(locked), and failed for what
/// cannot be opened.
Database open_state(const std::filesystem::path& file, std::chrono::seconds patience,
                    const std::stop_token& stop);

/// Takes the lock of a state again that was released; waits, tells and throws as open_state() does.
void retake_state(Database& database, std::chrono::seconds patience, const std::stop_token& stop);

}  // namespace usher
