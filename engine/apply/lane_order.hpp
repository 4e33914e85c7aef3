#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/apply/account_lane.hpp"

namespace usher {

/// The lanes of one platform that are still to run: in the order of the plan, but none before what its
/// operations wait for has ended. For one thread at a time.
class LaneOrder {
 public:
  /// waits_for: for each operation of the lane, indices of operations of other lanes of this order. An index
  /// that never ends never lets the lane go: see refuse().
  void add(AccountLane lane, const std::vector<std::vector<std::size_t>>& waits_for);
  /// From now on lanes are taken.
  void begin();

  std::size_t ready() const { return ready_.size(); }
  bool waits() const { return waiting_ > 0; }
  /// At most so many of those that may run now.
  std::vector<AccountLane> take(std::size_t most);
  /// An operation ended. What waited for one that was not done is refused: AccountLane::refused.
  void ended(std::size_t operation, bool done);
  /// Everything that was not taken.
  std::vector<AccountLane> rest();

 private:
  struct Waiting {
    AccountLane lane;
    std::size_t open = 0;  ///< operations it waits for
  };
  struct Waiter {
    std::size_t lane;       ///< number in all_
    std::size_t operation;  ///< of the lane
  };

  std::vector<Waiting> all_;
  std::vector<std::size_t> ready_;                      // numbers in all_, the next one last
  std::map<std::size_t, std::vector<Waiter>> waiters_;  // by operation
  std::size_t waiting_ = 0;
};

}  // namespace usher
