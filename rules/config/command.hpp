#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace usher {

/// What a command that was run came to.
struct CommandResult {
  std::string output;            ///< its standard output, a secret
  std::string first_error_line;  ///< of its standard error
  std::string failure;           ///< "ended with status 1"; empty when it went well
};

/// What a command is given to work on.
struct CommandInput {
  std::string text;                                              ///< its standard input
  std::vector<std::pair<std::string, std::string>> environment;  ///< beside this process's own
};

/// Runs a command with /bin/sh in a directory, without input. Never throws.
CommandResult run_command(const std::string& command, const std::filesystem::path& directory,
                          std::chrono::milliseconds patience);

/// The same with input, and in a process group of its own: when it takes too long, or a stop is requested,
/// what it started is ended with it.
CommandResult run_command(const std::string& command, const std::filesystem::path& directory,
                          std::chrono::milliseconds patience, const CommandInput& input,
                          const std::stop_token& stop = {});

}  // namespace usher
