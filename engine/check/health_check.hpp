#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "engine/runtime/exit_code.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/store/database.hpp"

namespace usher {

/// One thing that was looked at, and how it is.
struct Finding {
  enum class Level { good, warning, bad } level = Level::good;
  std::string about;  ///< a platform's name, or "state"
  std::string what;  ///< "reachable", "identity", "clock", "choice", "permission", "snapshot", "file", "open"
  std::string message;
  ExitCode code = ExitCode::done;  ///< what a bad one means for the command
};

/// Asks every platform who we are and what we may do, all at once, and looks at the state; changes nothing.
/// state: null when there is none yet. Findings by platform, the state last; the same order every time.
std::vector<Finding> examine(const Workspace& setup, Database* state, std::stop_token stop);

/// done, or the worst of what is bad.
ExitCode exit_code(const std::vector<Finding>& findings);

}  // namespace usher
