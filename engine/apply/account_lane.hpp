#pragma once

#include <atomic>
#include <cstddef>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "engine/apply/first_secrets.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// The operations on one account, which run one after the other.
struct AccountLane {
  std::size_t first = 0;  ///< index of the first in the plan
  std::span<const Operation> operations;
  std::set<std::size_t>
      refused;  ///< numbers of operations for which another had to be done first, and was not
};

/// Whether a platform still deserves requests. Safe from any thread.
class PlatformHealth {
 public:
  /// Tells how an operation ended; enough failures in a row that are the platform's own, one refusal of the
  /// credentials, or one wait that is too long, and it is given up.
  void report(const Failure* failure);
  bool given_up() const { return given_up_; }
  /// Whether it was given up because it asks for a wait longer than the run may wait.
  bool postponed() const { return postponed_; }

 private:
  static constexpr int patience = 10;
  std::atomic<int> failures_in_a_row_{0};
  std::atomic<bool> given_up_{false};
  std::atomic<bool> postponed_{false};
};

/// Runs one lane. Safe from any number of threads with the same connector, secrets and health.
class AccountLaneRunner {
 public:
  AccountLaneRunner(Connector& connector, FirstSecrets& secrets, PlatformHealth& health, std::stop_token stop)
      : connector_(connector), secrets_(secrets), health_(health), stop_(std::move(stop)) {}

  /// One ending an operation, in their order. Never throws for what the platform answers.
  std::vector<OperationOutcome> run(const AccountLane& lane);

 private:
  /// Why the lane must not run, as the account is now; marks what is so already in `endings`.
  std::string verify(const AccountLane& lane, std::vector<OperationOutcome>& endings);
  /// again: the operation was sent before and is known not to have happened.
  OperationOutcome send(const Operation& operation, std::int64_t seq, bool again);
  OperationOutcome after_doubt(const Operation& operation, std::int64_t seq, const Failure& failure,
                               bool again);

  Connector& connector_;
  FirstSecrets& secrets_;
  PlatformHealth& health_;
  std::stop_token stop_;
};

}  // namespace usher
