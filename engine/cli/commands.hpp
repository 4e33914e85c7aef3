#pragma once

#include "engine/cli/command.hpp"

namespace usher::cli {

extern const Command show_command;
extern const Command version_command;
extern const Command help_command;

}  // namespace usher::cli
