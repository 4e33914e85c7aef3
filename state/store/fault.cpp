#include "state/store/fault.hpp"

#include <atomic>
#include <csignal>
#include <limits>

#include "state/store/error.hpp"

namespace usher {

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
std::atomic<std::uint64_t> fatal_statement{0};  // 0: nothing was ever armed
std::atomic<StatementFault> fault_to_meet{StatementFault::fail};
std::atomic<std::uint64_t> begun{0};

}  // namespace

void arm_statement_fault(std::uint64_t nth, StatementFault fault) {
  begun = 0;
  fault_to_meet = fault;
  fatal_statement = nth == 0 ? never : nth;
}

void disarm_statement_fault() {
  fatal_statement = 0;
}

std::uint64_t statements_begun() {
  return begun;
}

void meet_statement_fault() {
  const std::uint64_t nth = fatal_statement.load(std::memory_order_relaxed);
  if (nth == 0 || begun.fetch_add(1) + 1 != nth) return;
  if (fault_to_meet == StatementFault::kill) std::raise(SIGKILL);
  throw StoreError(StoreErrorKind::failed, "statement " + std::to_string(nth) + " was made to fail");
}

}  // namespace usher
