#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <optional>

#include "connectors/http/clock.hpp"
#include "connectors/http/message.hpp"
#include "connectors/http/patience.hpp"
#include "connectors/observer.hpp"
#include "state/model/mutex.hpp"

namespace usher::http {

/// What a platform may be asked of.
struct Budget {
  double rate = 0;      ///< requests a second; 0: no limit
  double burst = 1;     ///< requests that may leave at once after a pause
  int concurrency = 8;  ///< requests under way at once
};

/// A token bucket that learns: a 429 halves its rate, and each minute of good replies doubles it until it is
/// what it was. Without a limit of its own it goes down to ten requests a second, and the limit is gone once
/// it has doubled beyond a thousand. It holds no lock while it waits and knows no clock but the times it is
/// given.
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

/// Lets requests leave as the budget allows, whichever call they belong to. A pause that the platform asks
/// for is told when it asks; a request that would have to wait longer than the run may is not sent: it fails
/// as stopped, with retry_after.
class Budgeted final : public Transport {
 public:
  Budgeted(std::unique_ptr<Transport> inner, Budget budget, Clock& clock, Patience patience = {},
           PlatformWatch watch = {});
  Outcome<Response> send(const Request& request, std::stop_token stop) override;

 private:
  /// Sends once the wait is over; pause: as learn() says. Gives the place among those under way back,
  /// whatever comes of it.
  Outcome<Response> send_after(std::chrono::milliseconds wait, const Request& request, std::stop_token stop,
                               std::optional<std::chrono::milliseconds>& pause);
  /// Lets the bucket learn from an answer; the pause that is new and worth telling, if any.
  std::optional<std::chrono::milliseconds> learn(const Outcome<Response>& outcome) REQUIRES(mutex_);

  std::unique_ptr<Transport> inner_;
  Clock& clock_;
  const Patience patience_;
  const PlatformWatch watch_;
  Mutex mutex_;
  Bucket::Time told_until_ GUARDED_BY(mutex_){};
  Bucket bucket_ GUARDED_BY(mutex_);
  int free_ GUARDED_BY(mutex_);  // requests that may still be under way
  std::condition_variable_any freed_;
};

/// What a Retry-After header asks for: seconds, or an HTTP date seen from `now`; at most a year. nullopt:
/// nothing usable.
std::optional<std::chrono::milliseconds> retry_after(std::string_view header,
                                                     std::chrono::system_clock::time_point now);

}  // namespace usher::http
