#pragma once

#include <stop_token>
#include <vector>

#include "engine/workspace/workspace.hpp"

namespace usher {

/// Reads the beginning of every source that is a file on this machine: whether it is there, its form, its
/// header, and whether the rules about people work for anybody in it. What is wrong, by source; nothing is
/// kept. Pipes and standard input are left alone. missing: whether a file that is not there is a mistake.
std::vector<Diagnostic> check_sources(const Workspace& setup, bool missing, std::stop_token stop);

}  // namespace usher
