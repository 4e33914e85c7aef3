#pragma once

#include <span>

#include "engine/cli/command.hpp"

namespace usher::cli {

/// Refuses a file that one of the options writes (Option::writes) where the command lives on it: the
/// configuration, the state and what stands beside it, a file that a platform reads, a file of first secrets.
/// Before anything is read or written. Throws CommandError(usage).
void spare_needed_files(const Arguments& arguments, std::span<const Option> options);

}  // namespace usher::cli
