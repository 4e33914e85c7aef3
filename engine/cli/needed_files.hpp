#pragma once

#include <span>

#include "engine/cli/command.hpp"

namespace usher::cli {

/// Refuses a file that one of the options writes (Option::writes) where the command lives on it: the
/// configuration and every file that it names, the state and what stands beside it, recipes, what other
/// options and words of the command line name, what another option writes. Of a configuration with mistakes
/// this is not known: then it refuses to replace any file. Before anything is read or written. Throws
/// CommandError(usage, configuration_invalid with the mistakes).
void spare_needed_files(const Call& call, std::span<const Option> options);

}  // namespace usher::cli
