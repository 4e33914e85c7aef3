#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/cli/command.hpp"

namespace usher::cli {

/// What a bare `usher help` shows.
std::string overview_help();
/// What `usher help COMMAND` and `usher COMMAND --help` show.
std::string command_help(const Command& command);
/// A command or another topic (exit-codes, environment); nullopt when there is none of that name.
std::optional<std::string> topic_help(std::string_view topic);
/// Everything topic_help knows, for suggestions.
std::vector<std::string> help_topics();

}  // namespace usher::cli
