#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/model/operation.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// What became of one operation.
struct OperationReport {
  Operation operation;
  OperationState state = OperationState::failed;
  std::string message;
  bool stale = false;  ///< the account is not any more as the plan relied on
};

/// What applying a plan came to.
struct ApplyReport {
  std::int64_t run = 0;
  std::string plan;                                                       ///< digest
  std::map<std::string, std::map<OperationState, std::uint64_t>> counts;  ///< by platform: operations
  std::vector<OperationReport> troubles;                                  ///< everything that is not done
  std::uint64_t stale = 0;        ///< of these: what the plan relied on is not so any more
  std::uint64_t done_before = 0;  ///< by earlier runs of the same plan
  std::int64_t earlier_run = 0;   ///< the last of them; 0: there was none
  bool interrupted = false;
  double seconds = 0;
};

/// The counts by the names of the states, for JSON.
std::map<std::string, std::map<std::string, std::uint64_t>> named_counts(const ApplyReport& report);

}  // namespace usher
