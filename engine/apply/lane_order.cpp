#include "engine/apply/lane_order.hpp"

#include <algorithm>

namespace usher {

void LaneOrder::add(AccountLane lane, const std::vector<std::vector<std::size_t>>& waits_for) {
  Waiting waiting{std::move(lane)};
  for (std::size_t i = 0; i < waits_for.size(); ++i) {
    for (const std::size_t operation : waits_for[i]) {
      waiters_[operation].push_back({all_.size(), i});
      ++waiting.open;
    }
  }
  if (waiting.open == 0)
    ready_.push_back(all_.size());
  else
    ++waiting_;
  all_.push_back(std::move(waiting));
}

void LaneOrder::begin() {
  std::reverse(ready_.begin(), ready_.end());
}

std::vector<AccountLane> LaneOrder::take(std::size_t most) {
  std::vector<AccountLane> taken;
  while (taken.size() < most && !ready_.empty()) {
    taken.push_back(std::move(all_[ready_.back()].lane));
    all_[ready_.back()].lane.operations = {};
    ready_.pop_back();
  }
  return taken;
}

void LaneOrder::ended(std::size_t operation, bool done) {
  const auto found = waiters_.find(operation);
  if (found == waiters_.end()) return;
  for (const Waiter& waiter : found->second) {
    Waiting& waiting = all_[waiter.lane];
    if (!done) waiting.lane.refused.insert(waiter.operation);
    if (--waiting.open > 0) continue;
    --waiting_;
    ready_.push_back(waiter.lane);
  }
  waiters_.erase(found);
}

std::vector<AccountLane> LaneOrder::rest() {
  std::vector<AccountLane> left;
  for (Waiting& waiting : all_) {
    if (!waiting.lane.operations.empty()) left.push_back(std::move(waiting.lane));
  }
  all_.clear();
  ready_.clear();
  waiting_ = 0;
  return left;
}

}  // namespace usher
