#include "connectors/files/source_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "state/model/write_all.hpp"

namespace usher {
namespace {

std::string mark(const struct stat& info) {
  return fmt::format("{}-{}-{}", info.st_size,
                     static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec,
                     info.st_ino);
}

/// A file nobody else sees and that is gone with its descriptor.
int nameless_file() {
  std::error_code ignored;
  std::string name = (std::filesystem::temp_directory_path(ignored) / "usher-source-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(name.c_str());
  return descriptor;
}

/// "unread-4711-1712345678000000000-3": of this process, moment and file.
std::string unique_mark() {
  static std::atomic<std::uint64_t> count{0};
  return fmt::format("unread-{}-{}-{}", ::getpid(),
                     std::chrono::system_clock::now().time_since_epoch().count(), ++count);
}

/// Room that is always left for others where a pipe is copied to.
constexpr std::uint64_t room_left = 256U << 20U;

bool has_room(int descriptor) {
  struct statvfs space {};
  return ::fstatvfs(descriptor, &space) != 0 || std::uint64_t{space.f_bavail} * space.f_frsize > room_left;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes % (1U << 30U) == 0) return fmt::format("{} GB", bytes >> 30U);
  return bytes % (1U << 20U) == 0 ? fmt::format("{} MB", bytes >> 20U) : fmt::format("{} bytes", bytes);
}

}  // namespace

SourceFile::SourceFile(std::filesystem::path path, std::string shown, std::uint64_t size_limit)
    : path_(std::move(path)), shown_(std::move(shown)), size_limit_(size_limit), unique_(unique_mark()) {}

SourceFile::~SourceFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Failure SourceFile::failure(FailureKind kind, const std::string& message, std::uint64_t line) const {
  Failure failure;
  failure.kind = kind;
  failure.message =
      line == 0 ? fmt::format("{}: {}", shown_, message) : fmt::format("{}:{}: {}", shown_, line, message);
  failure.request = "read " + shown_;
  return failure;
}

Outcome<void> SourceFile::rewind(std::stop_token stop) {
  if (!spooled_) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
    if (auto opened = open(); !opened) return opened;
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0)
      return tl::unexpected(failure(FailureKind::unreachable, std::strerror(errno)));
    if (auto usable = check_kind(info.st_mode, static_cast<std::uint64_t>(info.st_size)); !usable)
      return usable;
    if (!S_ISREG(info.st_mode)) {
      if (auto done = spool(descriptor_, std::move(stop)); !done) return done;
    } else {
      signature_ = mark(info);
    }
  }
  if (::lseek(descriptor_, 0, SEEK_SET) < 0)
    return tl::unexpected(failure(FailureKind::unreachable, std::strerror(errno)));
  return {};
}

bool SourceFile::is_empty_input() const {
  struct stat info {};
  return path_ == "-" && ::fstat(descriptor_, &info) == 0 && info.st_size == 0;
}

Outcome<void> SourceFile::check_kind(unsigned mode, std::uint64_t size) const {
  if (S_ISDIR(mode)) return tl::unexpected(failure(FailureKind::invalid, "this is a folder, not a file"));
  if (S_ISREG(mode) && size > size_limit_)
    return tl::unexpected(failure(
        FailureKind::malformed,
        fmt::format("larger than {}, which is not read; 'size-limit' raises this", size_text(size_limit_))));
  return {};
}

/// A pipe is opened without waiting for its writer, so that a stop is heeded while there is none.
Outcome<void> SourceFile::open() {
  descriptor_ = path_ == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                             : ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ >= 0) return {};
  const FailureKind kind = errno == EACCES ? FailureKind::denied : FailureKind::unreachable;
  return tl::unexpected(failure(kind, fmt::format("cannot be opened: {}", std::strerror(errno))));
}

Outcome<void> SourceFile::spool(int from, std::stop_token stop) {
  const int to = nameless_file();
  if (to < 0)
    return tl::unexpected(failure(FailureKind::unreachable,
                                  fmt::format("no temporary file to copy it to: {}", std::strerror(errno))));
  Outcome<void> outcome = copy(from, to, stop);
  if (!outcome) {
    ::close(to);
    return outcome;
  }
  ::close(descriptor_);
  descriptor_ = to;
  spooled_ = true;
  return outcome;
}

/// Copies what has no end of its own, up to the limit: a device that gives zeros for ever must fill no disk.
Outcome<void> SourceFile::copy(int from, int to, const std::stop_token& stop) const {
  std::array<char, 1U << 16U> buffer;
  std::uint64_t copied = 0;
  const auto fail = [&](FailureKind kind, const std::string& message) {
    return tl::unexpected(failure(kind, message));
  };
  while (true) {
    pollfd waiting{from, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, 100);
    if (stop.stop_requested()) return fail(FailureKind::stopped, "stopped while reading");
    if (ready <= 0) continue;
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got == 0) return {};
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return fail(FailureKind::cut, std::strerror(errno));
    const auto size = static_cast<std::size_t>(got);
    if (copied == 0 && std::all_of(buffer.begin(), buffer.begin() + got, [](char c) { return c == '\0'; }))
      return fail(FailureKind::malformed, "it begins with NUL bytes: this is no text");
    copied += size;
    if (copied > size_limit_)
      return fail(
          FailureKind::malformed,
          fmt::format("larger than {}, which is not read; 'size-limit' raises this", size_text(size_limit_)));
    if (!has_room(to))
      return fail(
          FailureKind::unreachable,
          fmt::format("cannot be copied to a temporary file: less than {} would be left there; TMPDIR "
                      "names another folder",
                      size_text(room_left)));
    if (!write_all(to, {buffer.data(), size}))
      return fail(FailureKind::unreachable,
                  fmt::format("cannot be copied to a temporary file: {}", std::strerror(errno)));
  }
}

Outcome<void> SourceFile::read(std::string& buffer, std::size_t size) {
  buffer.resize(size);
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(descriptor_, buffer.data() + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(failure(FailureKind::cut, std::strerror(errno)));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  buffer.resize(filled);
  return {};
}

Outcome<void> SourceFile::check_unchanged() const {
  if (spooled_) return {};
  struct stat info {};
  const bool same =
      path_ == "-" ? ::fstat(descriptor_, &info) == 0 && mark(info) == signature_ : signature() == signature_;
  if (same) return {};
  return tl::unexpected(
      failure(FailureKind::malformed,
              "the file changed while it was read; write it under another name and rename it, "
              "then run again"));
}

std::string SourceFile::signature() const {
  struct stat info {};
  if (path_ == "-" || ::stat(path_.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return unique_;
  return mark(info);
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace usher
