#include "engine/runtime/deadline.hpp"

#include <condition_variable>

#include "state/model/duration.hpp"

namespace usher {

Deadline::Deadline(std::stop_token signal) : forward_(std::move(signal), [this] { stop_.request_stop(); }) {}

void Deadline::set(std::chrono::milliseconds length) {
  {
    const MutexLock lock(mutex_);
    if (at_) return;
    at_ = began_ + length;
  }
  timer_ = WorkerThread([this](const std::stop_token& over) { wait(over); });
}

void Deadline::wait(const std::stop_token& over) {
  Mutex mutex;
  MutexLock lock(mutex);
  std::condition_variable_any never;
  never.wait_until(lock, over, *at(), [] { return false; });
  if (!over.stop_requested()) stop_.request_stop();
}

std::optional<std::chrono::steady_clock::time_point> Deadline::at() const {
  const MutexLock lock(mutex_);
  return at_;
}

bool Deadline::passed() const {
  const auto end = at();
  return end && std::chrono::steady_clock::now() >= *end;
}

std::optional<std::chrono::seconds> duration_of(std::string_view text) {
  const auto duration = read_duration(text);
  if (!duration || *duration < std::chrono::seconds(1)) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*duration);
}

}  // namespace usher
