#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace usher {

/// What a command that prints a secret came to.
struct CommandResult {
  std::string output;            ///< its standard output, a secret
  std::string first_error_line;  ///< of its standard error
  std::string failure;           ///< "ended with status 1"; empty when it went well
};

/// Runs a command with /bin/sh in a directory, without input. Never throws.
CommandResult run_command(const std::string& command, const std::filesystem::path& directory,
                          std::chrono::milliseconds patience);

}  // namespace usher
