#pragma once

#include <mutex>
#include <shared_mutex>

// Locks whose use clang checks (-Wthread-safety): what is GUARDED_BY a mutex is touched only while it is
// held, and what REQUIRES one is called only then. Other compilers pass the annotations over.
#if defined(__clang__)
#define USHER_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define USHER_THREAD_SAFETY(attribute)
#endif
#define GUARDED_BY(mutex) USHER_THREAD_SAFETY(guarded_by(mutex))
#define REQUIRES(...) USHER_THREAD_SAFETY(requires_capability(__VA_ARGS__))
#define REQUIRES_SHARED(...) USHER_THREAD_SAFETY(requires_shared_capability(__VA_ARGS__))
#define EXCLUDES(...) USHER_THREAD_SAFETY(locks_excluded(__VA_ARGS__))

namespace usher {

/// A mutex that clang knows. Held through a MutexLock.
class USHER_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  void lock() USHER_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() USHER_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a mutex for as long as it lives. A std::condition_variable_any can wait with it; the predicate of
/// such a wait REQUIRES the mutex.
class USHER_THREAD_SAFETY(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) USHER_THREAD_SAFETY(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() USHER_THREAD_SAFETY(release_capability()) {
    if (held_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  /// Lets go for a while: REQUIRES that it holds.
  void unlock() USHER_THREAD_SAFETY(release_capability()) {
    held_ = false;
    mutex_.unlock();
  }
  /// Takes it again: REQUIRES that it was let go.
  void lock() USHER_THREAD_SAFETY(acquire_capability()) {
    mutex_.lock();
    held_ = true;
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

/// A mutex that any number may hold to read, or one to write.
class USHER_THREAD_SAFETY(capability("shared_mutex")) SharedMutex {
 public:
  void lock() USHER_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() USHER_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }
  void lock_shared() USHER_THREAD_SAFETY(acquire_shared_capability()) { mutex_.lock_shared(); }
  void unlock_shared() USHER_THREAD_SAFETY(release_shared_capability()) { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

/// Holds a shared mutex to write.
class USHER_THREAD_SAFETY(scoped_lockable) WriteLock {
 public:
  explicit WriteLock(SharedMutex& mutex) USHER_THREAD_SAFETY(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~WriteLock() USHER_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  SharedMutex& mutex_;
};

/// Holds a shared mutex to read.
class USHER_THREAD_SAFETY(scoped_lockable) ReadLock {
 public:
  explicit ReadLock(SharedMutex& mutex) USHER_THREAD_SAFETY(acquire_shared_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~ReadLock() USHER_THREAD_SAFETY(release_generic_capability()) { mutex_.unlock_shared(); }
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

 private:
  SharedMutex& mutex_;
};

}  // namespace usher
