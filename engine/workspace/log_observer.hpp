#pragma once

#include <functional>

#include "connectors/observer.hpp"
#include "state/model/mutex.hpp"

namespace usher {

/// Writes into the log what happens on the way to platforms: requests at level trace, retries, waits and
/// logins at debug, a wait that somebody at a terminal would wonder about as a warning. Exchanges go where
/// `trace` puts them.
class LogObserver final : public Observer {
 public:
  /// trace: takes the text of one exchange, from one thread at a time; empty: exchanges are not wanted.
  explicit LogObserver(std::function<void(std::string_view)> trace = {}) : trace_(std::move(trace)) {}

  void happened(const PlatformEvent& event) noexcept override;
  bool traces() const override { return static_cast<bool>(trace_); }
  void exchanged(std::string_view text) noexcept override;

 private:
  Mutex mutex_;  // one thread writes an exchange at a time
  const std::function<void(std::string_view)> trace_;
};

}  // namespace usher
