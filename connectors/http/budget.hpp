#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "connectors/http/clock.hpp"
#include "connectors/http/message.hpp"

namespace usher::http {

/// What a platform may be asked of.
struct Budget {
  double rate = 0;      ///< requests a second; 0: no limit
  double burst = 1;     ///< requests that may leave at once after a pause
  int concurrency = 8;  ///< requests under way at once
};

/// A token bucket that learns: a 429 halves its rate, a minute of good replies brings it back. It holds no
/// lock while it waits and knows no clock but the times it is given.
class Bucket {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit Bucket(Budget budget) : budget_(budget), rate_(budget.rate), tokens_(budget.burst) {}

  /// Takes one token; how long the taker has to wait before it may use it.
  std::chrono::milliseconds take(Time now);
  /// The platform answered 429: half the rate, and nobody leaves before retry_after is over.
  void throttled(Time now, std::optional<std::chrono::milliseconds> retry_after);
  /// The platform answered otherwise.
  void answered(Time now);
  /// Requests a second as they stand; 0: no limit.
  double rate() const { return rate_; }

 private:
  void refill(Time now);

  Budget budget_;
  double rate_;
  double tokens_;  // below zero: takers that are waiting
  Time filled_{};
  Time blocked_until_{};
  Time slowed_{};
};

/// Lets requests leave as the budget allows, whichever call they belong to.
class Budgeted final : public Transport {
 public:
  Budgeted(std::unique_ptr<Transport> inner, Budget budget, Clock& clock);
  Outcome<Response> send(const Request& request, std::stop_token stop) override;

 private:
  std::unique_ptr<Transport> inner_;
  Clock& clock_;
  std::mutex mutex_;
  Bucket bucket_;  // guarded by mutex_
  int free_;       // guarded by mutex_: requests that may still be under way
  std::condition_variable_any freed_;
};

/// What a Retry-After header asks for: seconds, or an HTTP date seen from `now`. nullopt: nothing usable.
std::optional<std::chrono::milliseconds> retry_after(std::string_view header,
                                                     std::chrono::system_clock::time_point now);

}  // namespace usher::http
