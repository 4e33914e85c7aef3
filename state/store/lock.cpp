#include "state/store/lock.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include "state/store/error.hpp"

namespace usher {

namespace {

std::string holder(int descriptor) {
  std::array<char, 512> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string_view line(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  line = line.substr(0, line.find('\n'));
  return line.empty() ? "another process that is just starting" : std::string(line);
}

std::string myself(std::string_view command) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("pid {} on {} since {:%Y-%m-%dT%H:%M:%SZ}: {}\n", ::getpid(), host.data(),
                     fmt::gmtime(std::time(nullptr)), command);
}

}  // namespace

StoreLock::StoreLock(const std::filesystem::path& file, std::string_view command)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) {
    throw StoreError(
        StoreErrorKind::failed,
        fmt::format("{}: cannot create the lock of the state: {}; check the folder and its permissions",
                    file.string(), std::strerror(errno)));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string who = error == EWOULDBLOCK ? holder(descriptor_) : std::string();
    ::close(descriptor_);
    if (error == EWOULDBLOCK) {
      throw StoreError(
          StoreErrorKind::locked,
          fmt::format("{}: held by {}; wait for it to end, then run the command again", file.string(), who));
    }
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("{}: cannot be locked: {}", file.string(), std::strerror(error)));
  }
  const std::string text = myself(command);
  // The lock holds with or without its text: a full disk must not keep anybody out.
  if (::ftruncate(descriptor_, 0) == 0) [[maybe_unused]]
    const ssize_t written = ::pwrite(descriptor_, text.data(), text.size(), 0);
}

StoreLock::StoreLock(StoreLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

StoreLock::~StoreLock() {
  if (descriptor_ < 0) return;
  [[maybe_unused]] const int emptied = ::ftruncate(descriptor_, 0);
  ::close(descriptor_);
}

}  // namespace usher
