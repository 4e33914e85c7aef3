#pragma once

#include "engine/cli/command.hpp"

namespace usher::cli {

/// What follows `usher connector`; each answers how the command ends.
ExitCode list_connectors(const Call& call);
ExitCode show_connector(const Call& call);
ExitCode lint_connectors(const Call& call);
ExitCode test_connector(const Call& call);

/// The words behind the action; throws CommandError(usage) when there are fewer than `least` or more than
/// `most`.
std::vector<std::string> words_of(const Call& call, std::size_t least, std::size_t most, const char* what);

}  // namespace usher::cli
