#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/cli/arguments.hpp"

namespace usher::cli {

/// The last value of each option, by its name, on a command line that Arguments::read() refuses: what it
/// would take for one, whatever is wrong beside it. A variable counts where the line gives nothing.
std::map<std::string, std::string> values_on_wrong_line(const std::vector<std::string>& words,
                                                        std::span<const Option> options,
                                                        const Environment& environment);

}  // namespace usher::cli
