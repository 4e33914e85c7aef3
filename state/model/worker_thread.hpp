#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>

namespace usher {

/// A thread whose work may throw: the exception is kept and thrown again by join(), so that it ends the
/// command and not the process. Destruction asks the work to stop, waits for it, and drops what it threw.
/// Every thread of usher is one, or a std::async.
class WorkerThread {
 public:
  WorkerThread() = default;
  explicit WorkerThread(std::function<void(const std::stop_token&)> work)
      : thrown_(std::make_shared<std::exception_ptr>()),
        thread_([work = std::move(work), thrown = thrown_](const std::stop_token& stop) {
          try {
            work(stop);
          } catch (...) {
            *thrown = std::current_exception();
          }
        }) {}

  bool joinable() const { return thread_.joinable(); }
  /// Waits for the work to end; throws what it threw. REQUIRES: joinable().
  void join() {
    thread_.join();
    if (*thrown_) std::rethrow_exception(std::exchange(*thrown_, nullptr));
  }

 private:
  std::shared_ptr<std::exception_ptr> thrown_;
  std::jthread thread_;
};

}  // namespace usher
