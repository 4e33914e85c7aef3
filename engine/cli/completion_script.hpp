#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace usher::cli {

/// The shells completions are written for: bash, fish, zsh.
const std::vector<std::string>& completion_shells();

/// A script that completes commands, options, their values, and the names of platforms and connectors, made
/// from the table of commands. Names are asked of `usher completion platforms` and `usher completion
/// connectors` as the user types. REQUIRES: `shell` is one of completion_shells().
std::string completion_script(std::string_view shell);

}  // namespace usher::cli
