#include "engine/runtime/deadline.hpp"

#include <charconv>
#include <condition_variable>

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
  constexpr std::int64_t longest = 1'000'000;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0 || number > longest) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit == "s") return std::chrono::seconds(number);
  if (unit == "m") return std::chrono::minutes(number);
  if (unit == "h") return std::chrono::hours(number);
  return std::nullopt;
}

}  // namespace usher
