#include "connectors/recipe/prefetch.hpp"

namespace usher::recipe {

void Prefetch::work(const std::stop_token& end) {
  MutexLock lock(mutex_);
  const auto is_given = [this]() REQUIRES(mutex_) { return task_.valid(); };
  while (given_.wait(lock, end, is_given)) {
    auto task = std::move(task_);
    task_ = {};
    lock.unlock();
    task();
    lock.lock();
  }
}

void Prefetch::begin(const Listing& listing, PageRequest page, Send send, std::stop_token stop) {
  drop();
  if (!thread_.joinable())  // first: when it cannot be started, nobody must wait for a reply
    thread_ = WorkerThread([this](const std::stop_token& end) { work(end); });
  listing_ = &listing;
  page_ = std::move(page);
  stop_ = std::stop_source();
  std::packaged_task<Outcome<Reply>()> task(
      [send = std::move(send), stop = std::move(stop), own = stop_]() mutable {
        const std::stop_callback forward(stop, [&own] { own.request_stop(); });
        return send(own.get_token());
      });
  reply_ = task.get_future();
  {
    const MutexLock lock(mutex_);
    task_ = std::move(task);
  }
  given_.notify_one();
}

std::optional<Outcome<Reply>> Prefetch::take(const Listing& listing, const PageRequest& page) {
  if (!reply_.valid()) return std::nullopt;
  if (&listing != listing_ || page != page_) {
    drop();
    return std::nullopt;
  }
  return reply_.get();
}

void Prefetch::drop() {
  if (!reply_.valid()) return;
  stop_.request_stop();
  reply_.wait();
  reply_ = {};
}

}  // namespace usher::recipe
