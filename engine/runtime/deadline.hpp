#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "state/model/mutex.hpp"
#include "state/model/worker_thread.hpp"

namespace usher {

/// When a command must be done: it stops by a signal of the user or when its time is up, whichever comes
/// first. Time counts from construction. Threads: any.
class Deadline {
 public:
  /// signal: the user's wish to stop.
  explicit Deadline(std::stop_token signal);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  /// Sets how long the command may take; only the first call counts.
  void set(std::chrono::milliseconds length);
  /// When the time is up; nullopt: never.
  std::optional<std::chrono::steady_clock::time_point> at() const;
  /// Requested by either.
  std::stop_token token() const { return stop_.get_token(); }
  /// Whether it was the time that ended the command.
  bool passed() const;

 private:
  void wait(const std::stop_token& over);

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> forward_;
  mutable Mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> at_ GUARDED_BY(mutex_);
  WorkerThread timer_;
};

/// "45m", "90s", "2h"; nullopt for anything else, and for nothing at all.
std::optional<std::chrono::seconds> duration_of(std::string_view text);

}  // namespace usher
