#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "state/model/mutex.hpp"

namespace usher::recipe {

/// Changes of who is in an entitlement, for platforms where one request carries many: one request an
/// entitlement is under way at a time, and those who come meanwhile, and soon after each other, go together
/// in the next. Threads: any number.
class MembershipBatches {
 public:
  /// Carries out changes that differ in nothing but the account: one outcome each, in their order.
  using Send = std::function<std::vector<Outcome<Receipt>>(std::span<const Operation* const>)>;

  /// Blocks until the change was carried out, by this thread or by one that came before it. most: changes in
  /// one request. A stop ends it as long as nobody has begun to send it.
  Outcome<Receipt> apply(const Operation& change, std::size_t most, const Send& send,
                         const std::stop_token& stop);

  /// How many changes of an entitlement wait for the request that is under way.
  std::size_t waiting(const Membership& membership) const;

 private:
  struct Change {
    const Operation* operation;
    bool begun = false;
    std::optional<Outcome<Receipt>> done = {};
  };
  struct Entitlement {
    bool busy = false;
    std::deque<Change*> waiting;
  };
  using Key = std::pair<std::string, std::string>;  // kind, id

  /// Waits for more, until there are `most` or nobody has come for as long as the last request took.
  void gather(MutexLock& lock, const Entitlement& entitlement, std::size_t most, const std::stop_token& stop)
      REQUIRES(mutex_);
  /// The first that waits, and as many like it as may go with it.
  static std::vector<Change*> take_batch(Entitlement& entitlement, std::size_t most);
  /// Sends it. REQUIRES: the lock is not held.
  static std::vector<Outcome<Receipt>> sent(const std::vector<Change*>& batch, const Send& send);

  static constexpr std::chrono::milliseconds least_quiet{100}, most_quiet{1000};

  mutable Mutex mutex_;
  std::condition_variable_any changed_;
  std::chrono::nanoseconds quiet_ GUARDED_BY(mutex_) = least_quiet;
  std::map<Key, Entitlement> entitlements_ GUARDED_BY(mutex_);
};

}  // namespace usher::recipe
