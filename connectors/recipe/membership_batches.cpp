#include "connectors/recipe/membership_batches.hpp"

#include <algorithm>

#include "connectors/http/message.hpp"
#include "state/model/exception_text.hpp"

namespace usher::recipe {
namespace {

bool alike(const Operation& one, const Operation& other) {
  return one.kind == other.kind && one.membership.details == other.membership.details;
}

/// As many times the same failure: nobody knows what was done.
std::vector<Outcome<Receipt>> broken_off(std::size_t count, const std::exception& error) {
  Failure failure{.kind = FailureKind::malformed, .message = text_of(error), .may_have_happened = true};
  return std::vector<Outcome<Receipt>>(count, tl::unexpected(failure));
}

}  // namespace

std::vector<MembershipBatches::Change*> MembershipBatches::take_batch(Entitlement& entitlement,
                                                                      std::size_t most) {
  std::vector<Change*> batch;
  std::deque<Change*> left;
  for (Change* const one : entitlement.waiting) {
    const bool goes = batch.empty() || (batch.size() < most && alike(*one->operation, *batch[0]->operation));
    one->begun = goes;
    if (goes)
      batch.push_back(one);
    else
      left.push_back(one);
  }
  entitlement.waiting = std::move(left);
  return batch;
}

std::vector<Outcome<Receipt>> MembershipBatches::sent(const std::vector<Change*>& batch, const Send& send) {
  std::vector<const Operation*> operations;
  for (const Change* const one : batch) operations.push_back(one->operation);
  try {
    return send(operations);
  } catch (const std::exception& error) {  // the others wait in threads of their own
    return broken_off(batch.size(), error);
  }
}

Outcome<Receipt> MembershipBatches::apply(const Operation& change, std::size_t most, const Send& send,
                                          const std::stop_token& stop) {
  Change own{&change};
  MutexLock lock(mutex_);
  Entitlement& entitlement = entitlements_[{change.membership.kind, change.membership.entitlement}];
  entitlement.waiting.push_back(&own);
  changed_.notify_all();
  const auto is_turn = [&] {
    return own.done || (!entitlement.busy && !own.begun && entitlement.waiting.front() == &own);
  };
  if (!changed_.wait(lock, stop, is_turn)) {
    if (!own.begun) {
      std::erase(entitlement.waiting, &own);
      changed_.notify_all();
      return http::fail(FailureKind::stopped, "stopped before it was sent",
                        to_string(change.kind) + std::string(" ") + change.membership.entitlement);
    }
    changed_.wait(lock, [&] { return own.done.has_value(); });
  }
  if (own.done) return std::move(*own.done);
  gather(lock, entitlement, most, stop);
  const std::vector<Change*> batch = take_batch(entitlement, most);
  entitlement.busy = true;
  lock.unlock();
  const auto began = std::chrono::steady_clock::now();
  std::vector<Outcome<Receipt>> outcomes = sent(batch, send);
  const auto took = std::chrono::steady_clock::now() - began;
  lock.lock();
  quiet_ = std::clamp<std::chrono::nanoseconds>(took, least_quiet, most_quiet);
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->done = std::move(outcomes[i]);
  entitlement.busy = false;
  changed_.notify_all();
  return std::move(*own.done);
}

void MembershipBatches::gather(MutexLock& lock, const Entitlement& entitlement, std::size_t most,
                               const std::stop_token& stop) {
  std::size_t seen = 0;
  while (seen != entitlement.waiting.size() && entitlement.waiting.size() < most && !stop.stop_requested()) {
    seen = entitlement.waiting.size();
    changed_.wait_for(lock, stop, quiet_, [&] { return entitlement.waiting.size() != seen; });
  }
}

std::size_t MembershipBatches::waiting(const Membership& membership) const {
  const MutexLock lock(mutex_);
  const auto found = entitlements_.find({membership.kind, membership.entitlement});
  return found == entitlements_.end() ? 0 : found->second.waiting.size();
}

}  // namespace usher::recipe
