#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "state/store/past.hpp"

namespace usher {

/// What one command did: the runs of its stages together.
struct RunLine {
  std::vector<std::int64_t> runs;    ///< in the order in which they began; the last says how it ended
  std::string command;               ///< "sync" of its pull, plan and apply
  std::string started_at, ended_at;  ///< ended_at empty: under way, or killed
  std::optional<int> exit_code;
  OperationCounts counts;  ///< on all platforms
  std::uint64_t held = 0;  ///< of the last plan, likewise
  struct OnPlatform {
    OperationCounts counts;
    std::uint64_t held = 0;
  };
  std::map<std::string, OnPlatform> platforms;  ///< those on which something was done, tried or held
  std::string actor, host, reason;
  std::vector<std::string> approvals;  ///< under which something was done that guards held, or that it gave
};

/// Puts the runs of one command together: those that follow each other with the same words, by the same
/// person on the same host, each a later stage than the one before. runs: newest first, and so is the answer.
std::vector<RunLine> lines_of(const std::vector<RunCounts>& runs);

/// Each run by itself.
std::vector<RunLine> lines_of_each(const std::vector<RunCounts>& runs);

}  // namespace usher
