#include "connectors/http/clock.hpp"

#include <condition_variable>

#include "state/model/mutex.hpp"

namespace usher::http {
namespace {

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() const override { return std::chrono::steady_clock::now(); }

  bool sleep(std::chrono::milliseconds time, std::stop_token stop) override {
    Mutex mutex;
    MutexLock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace usher::http
