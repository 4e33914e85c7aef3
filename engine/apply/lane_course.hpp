#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/apply/account_lane.hpp"

namespace usher {

/// How an operation ends that failed and did not happen.
inline OperationOutcome not_done(std::int64_t seq, const Failure& failure) {
  if (failure.kind == FailureKind::stopped) return {seq, OperationState::skipped, "", describe(failure)};
  // What a platform does not take for its content it will not take another time.
  const bool refused = failure.kind == FailureKind::invalid || failure.kind == FailureKind::conflict;
  return {seq, OperationState::failed, "", describe(failure), refused};
}

/// Whether an operation is done by a call that sets all memberships of its kind.
inline bool sets(const Operation& operation, const Capabilities& capabilities) {
  const EntitlementKind* kind = capabilities.entitlement(operation.membership.kind);
  return kind != nullptr && kind->sets;
}

/// How far one lane is: what became of each of its operations. For one thread.
struct LaneCourse {
  const AccountLane& lane;
  std::vector<std::optional<OperationOutcome>>
      endings;  ///< one an operation; those that are not sent stay open
  std::vector<bool> done;
  std::string created;  ///< id of the account that a create answered
  /// The memberships of the account as it was read before the first step, as in Account; nullopt: they were
  /// not.
  std::optional<std::string> memberships;

  explicit LaneCourse(const AccountLane& running)
      : lane(running), endings(running.operations.size()), done(running.operations.size()) {
    for (std::size_t i = 0; i < done.size(); ++i) done[i] = lane.steps[i] == LaneStep::done_before;
  }

  std::int64_t seq(std::size_t i) const { return static_cast<std::int64_t>(lane.first + i); }

  void end(std::size_t i, OperationOutcome ending) {
    done[i] = ending.state == OperationState::done || ending.state == OperationState::owed;
    endings[i] = std::move(ending);
  }

  /// Ends every operation that is still open and for which `which` holds as one that is not sent.
  template <class Which>
  void skip(const Which& which, const std::string& why) {
    for (std::size_t i = 0; i < endings.size(); ++i) {
      if (lane.sends(i) && !endings[i] && which(lane.operations[i]))
        end(i, {seq(i), OperationState::skipped, "", why});
    }
  }
};

}  // namespace usher
