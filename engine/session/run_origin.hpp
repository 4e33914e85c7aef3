#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "state/store/journal.hpp"

namespace usher {

/// Remembers for the life of the process by whom, where and how it was started: every run it records says so.
/// words: of the command line, the command first. Before threads are started.
void remember_origin(const std::vector<std::string>& words, std::string_view reason);

/// "usher sync --quiet": the beginning of the command line that is remembered, to be shown; "usher" where
/// none is.
std::string started_as();

/// What is remembered, with the digest of the configuration that a run works with; empty: with none.
RunOrigin run_origin(std::string_view configuration);

}  // namespace usher
