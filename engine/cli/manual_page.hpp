#pragma once

#include <string>

#include "engine/cli/command.hpp"

namespace usher::cli {

/// The manual page of one command, "usher-plan(1)", in man(7) macros. Made from the same table as its help.
std::string manual_page(const Command& command);

/// The manual page "usher(1)": every command in one line, common options, environment, exit codes.
std::string manual_overview();

}  // namespace usher::cli
