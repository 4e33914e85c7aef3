#pragma once

#include <chrono>
#include <stop_token>

namespace usher::http {

/// Time as waiting code sees it, so that tests need not wait.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point now() const = 0;
  /// Waits; false when the stop came first. Safe from any thread.
  virtual bool sleep(std::chrono::milliseconds time, std::stop_token stop) = 0;
};

/// The machine's own clock.
Clock& system_clock();

}  // namespace usher::http
