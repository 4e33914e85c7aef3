#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace usher {

/// How many operations a state had sent, as its lock file remembers it.
struct WriteCount {
  std::string state;  ///< identity of the state; empty: nothing is remembered
  std::uint64_t writes = 0;
};

/// Tries to take an exclusive flock(2) for at most so long. 0, or the errno of the last try: EWOULDBLOCK
/// where another holds it.
int lock_within(int descriptor, std::chrono::milliseconds wait);

/// An exclusive flock(2) on a file of its own beside the state, held until destroyed or until the process
/// ends, however it ends. Its first line says who holds it (pid, host, time, command), its second how much
/// the state had written to platforms: an older copy of the state put in its place is noticed by that. The
/// file stays: removing it would let two processes lock two files of one name.
class StoreLock {
 public:
  /// Waits at most so long for another holder. Throws StoreError: locked, with what the holder wrote; failed
  /// when it cannot be created, or when the path is a symbolic link.
  StoreLock(const std::filesystem::path& file, std::string_view command, std::chrono::milliseconds wait);
  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&&) = delete;

  /// Lets another holder have it until retake(), which waits and throws as the constructor does.
  void release();
  void retake(std::chrono::milliseconds wait);

  const WriteCount& remembered() const { return remembered_; }
  /// Replaces what is remembered. Survives a kill of the process, not a power cut.
  void remember(const WriteCount& count);

 private:
  void take(std::chrono::milliseconds wait);
  void write(std::string_view holder) const;

  std::filesystem::path file_;
  std::string command_;
  int descriptor_;
  std::string holder_;
  WriteCount remembered_;
};

}  // namespace usher
