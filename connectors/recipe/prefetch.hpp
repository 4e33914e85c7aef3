#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <optional>
#include <stop_token>

#include "connectors/recipe/call.hpp"
#include "state/model/mutex.hpp"
#include "state/model/worker_thread.hpp"

namespace usher::recipe {

/// One request at a time sent ahead, in a thread of its own, while the page before it is read. For one thread
/// at a time; ends within one request of its destruction.
class Prefetch {
 public:
  using Send = std::function<Outcome<Reply>(std::stop_token)>;

  Prefetch() = default;
  ~Prefetch() { drop(); }
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// Begins to send what asks this listing for that page. What was begun before is dropped.
  void begin(const Listing& listing, PageRequest page, Send send, std::stop_token stop);
  /// The reply, waited for; nullopt when it was not this page that was begun: whatever was begun is dropped.
  std::optional<Outcome<Reply>> take(const Listing& listing, const PageRequest& page);

 private:
  void work(const std::stop_token& end);
  void drop();

  const Listing* listing_ = nullptr;
  PageRequest page_;
  std::stop_source stop_;
  std::future<Outcome<Reply>> reply_;

  Mutex mutex_;
  std::packaged_task<Outcome<Reply>()> task_ GUARDED_BY(mutex_);  // invalid when there is nothing to do
  std::condition_variable_any given_;
  WorkerThread thread_;  // started by the first begin(); last, so that it ends before what it uses
};

}  // namespace usher::recipe
