#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "engine/cli/console.hpp"
#include "engine/runtime/exit_code.hpp"

namespace usher::cli {

/// The whole program below main(): finds the command in the words after `usher`, reads its options, runs it,
/// and turns whatever it throws into a message and a code. Never throws.
ExitCode run(const std::vector<std::string>& words, Console& console, std::stop_token stop);

}  // namespace usher::cli
