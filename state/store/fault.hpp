#pragma once

#include <cstdint>

namespace usher {

/// What happens at the statement a test has chosen.
enum class StatementFault {
  fail,  ///< it throws StoreError(failed) instead of running, as a full disk would make it
  kill,  ///< the process ends with SIGKILL before it runs
};

/// For fault loops: the nth statement (from 1) begun in this process from now on meets `fault`, the ones
/// after it run. Every execution counts, on every connection: reads, each row written, begin, commit, opening
/// and migrating. Rollback does not count: it cannot fail. One fault at a time.
void arm_statement_fault(std::uint64_t nth, StatementFault fault);
void disarm_statement_fault();
/// Statements begun since the last arming.
std::uint64_t statements_begun();

/// Called by Statement before each execution; costs one relaxed load while nothing is armed.
void meet_statement_fault();

}  // namespace usher
