#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/model/operation.hpp"

namespace usher {

/// What became of one operation.
struct OperationReport {
  Operation operation;
  std::string state;  ///< done, failed, unknown, owed, skipped, planned
  std::string message;
  bool stale = false;  ///< skipped: the account is not what the plan relied on
};

/// What applying a plan came to.
struct ApplyReport {
  std::int64_t run = 0;
  std::string plan;                                                    ///< digest
  std::map<std::string, std::map<std::string, std::uint64_t>> counts;  ///< platform -> state -> operations
  std::vector<OperationReport> troubles;                               ///< everything that is not done
  bool interrupted = false;
  double seconds = 0;
};

}  // namespace usher
