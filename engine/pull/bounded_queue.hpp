#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <utility>

#include "state/model/mutex.hpp"

namespace usher {

/// Hands items from several producers to one consumer and makes producers wait while it is full:
/// back-pressure between the threads that read platforms and the one that writes the state. Safe from any
/// thread.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. False once the consumer has gone: the item is dropped and the producer should end.
  bool push(T item) {
    MutexLock lock(mutex_);
    while (!closed_ && items_.size() >= capacity_) room_.wait(lock);
    if (closed_) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// Waits for an item.
  T pop() {
    MutexLock lock(mutex_);
    while (items_.empty()) filled_.wait(lock);
    T item = std::move(items_.front());
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return item;
  }

  /// The consumer goes: nobody waits for room any more.
  void close() {
    const MutexLock lock(mutex_);
    closed_ = true;
    room_.notify_all();
  }

 private:
  const std::size_t capacity_;
  Mutex mutex_;
  std::condition_variable_any room_, filled_;
  std::deque<T> items_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace usher
