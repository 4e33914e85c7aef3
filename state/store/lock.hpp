#pragma once

#include <filesystem>
#include <string_view>

namespace usher {

/// An exclusive flock(2) on a file of its own beside the state, held until destroyed or until the process
/// ends, however it ends. The file says who holds it (pid, host, time, command), and stays: removing it would
/// let two processes lock two files of one name.
class StoreLock {
 public:
  /// Never waits. Throws StoreError: locked, with what the holder wrote; failed when it cannot be created.
  StoreLock(const std::filesystem::path& file, std::string_view command);
  ~StoreLock();
  StoreLock(StoreLock&& other) noexcept;
  StoreLock& operator=(StoreLock&&) = delete;

 private:
  int descriptor_;
};

}  // namespace usher
