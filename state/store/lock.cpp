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
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "state/store/error.hpp"

namespace usher {

namespace {

/// The whole file.
std::string content(int descriptor) {
  std::string text;
  std::array<char, 1024> part{};
  ssize_t size = 0;
  while ((size = ::pread(descriptor, part.data(), part.size(), static_cast<off_t>(text.size()))) > 0)
    text.append(part.data(), static_cast<std::size_t>(size));
  return text;
}

std::string holder(int descriptor) {
  const std::string text = content(descriptor);
  const std::string line = text.substr(0, text.find('\n'));
  return line.empty() ? "another process that is just starting" : line;
}

/// The second line: "state IDENTITY wrote COUNT".
WriteCount remembered_in(const std::string& text) {
  const std::size_t second = text.find('\n');
  if (second == std::string::npos) return {};
  std::istringstream line(text.substr(second + 1));
  WriteCount count;
  std::string word, wrote;
  if (line >> word >> count.state >> wrote >> count.writes && word == "state" && wrote == "wrote")
    return count;
  return {};
}

std::string myself(std::string_view command) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("pid {} on {} since {:%Y-%m-%dT%H:%M:%SZ}: {}", ::getpid(), host.data(),
                     fmt::gmtime(std::time(nullptr)), command);
}

int open_lock(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor >= 0) return descriptor;
  if (errno == ELOOP) {
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("{}: is a symbolic link, which the lock of a state must not be; remove it",
                                 file.string()));
  }
  throw StoreError(
      StoreErrorKind::failed,
      fmt::format("{}: the lock of the state cannot be written: {}; check the folder and its permissions",
                  file.string(), std::strerror(errno)));
}

}  // namespace

int lock_within(int descriptor, std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds pause(50);
  const auto until = std::chrono::steady_clock::now() + wait;
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error != EWOULDBLOCK || std::chrono::steady_clock::now() >= until) return error;
    std::this_thread::sleep_for(pause);
  }
  return 0;
}

StoreLock::StoreLock(const std::filesystem::path& file, std::string_view command,
                     std::chrono::milliseconds wait)
    : file_(file), command_(command), descriptor_(open_lock(file)) {
  try {
    take(wait);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

void StoreLock::take(std::chrono::milliseconds wait) {
  if (const int error = lock_within(descriptor_, wait); error == EWOULDBLOCK) {
    throw StoreError(
        StoreErrorKind::locked,
        fmt::format("{}: held by {}; wait for it to end, then run the command again, or let it wait with "
                    "--lock-timeout",
                    file_.string(), holder(descriptor_)));
  } else if (error != 0) {
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("{}: cannot be locked: {}", file_.string(), std::strerror(error)));
  }
  remembered_ = remembered_in(content(descriptor_));
  holder_ = myself(command_);
  write(holder_);
}

void StoreLock::release() {
  write("");
  holder_.clear();
  ::flock(descriptor_, LOCK_UN);
}

void StoreLock::retake(std::chrono::milliseconds wait) {
  take(wait);
}

void StoreLock::remember(const WriteCount& count) {
  remembered_ = count;
  write(holder_);
}

/// The lock holds with or without its text: a full disk must not keep anybody out.
void StoreLock::write(std::string_view holder) const {
  std::string text = fmt::format("{}\n", holder);
  if (!remembered_.state.empty())
    text += fmt::format("state {} wrote {}\n", remembered_.state, remembered_.writes);
  const ssize_t written = ::pwrite(descriptor_, text.data(), text.size(), 0);
  if (written == static_cast<ssize_t>(text.size())) [[maybe_unused]]
    const int cut = ::ftruncate(descriptor_, written);
}

StoreLock::StoreLock(StoreLock&& other) noexcept
    : file_(std::move(other.file_)),
      command_(std::move(other.command_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      holder_(std::move(other.holder_)),
      remembered_(std::move(other.remembered_)) {}

StoreLock::~StoreLock() {
  if (descriptor_ < 0) return;
  if (!holder_.empty()) write("");
  ::close(descriptor_);
}

}  // namespace usher
