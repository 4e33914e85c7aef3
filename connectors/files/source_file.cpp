#include "connectors/files/source_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

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

bool write_all(int to, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t wrote = ::write(to, data, size);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    data += wrote;
    size -= static_cast<std::size_t>(wrote);
  }
  return true;
}

}  // namespace

SourceFile::SourceFile(std::filesystem::path path, std::string shown)
    : path_(std::move(path)), shown_(std::move(shown)) {}

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
    if (S_ISDIR(info.st_mode))
      return tl::unexpected(failure(FailureKind::invalid, "this is a folder, not a file"));
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

Outcome<void> SourceFile::open() {
  descriptor_ =
      path_ == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ >= 0) return {};
  const FailureKind kind = errno == EACCES ? FailureKind::denied : FailureKind::unreachable;
  return tl::unexpected(failure(kind, fmt::format("cannot be opened: {}", std::strerror(errno))));
}

Outcome<void> SourceFile::spool(int from, std::stop_token stop) {
  const int to = nameless_file();
  if (to < 0)
    return tl::unexpected(failure(FailureKind::unreachable,
                                  fmt::format("no temporary file to copy it to: {}", std::strerror(errno))));
  std::array<char, 1U << 16U> buffer;
  Outcome<void> outcome;
  while (outcome) {
    pollfd waiting{from, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, 100);
    if (stop.stop_requested())
      outcome = tl::unexpected(failure(FailureKind::stopped, "stopped while reading"));
    if (ready <= 0) continue;
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      outcome = tl::unexpected(failure(FailureKind::cut, std::strerror(errno)));
    else if (!write_all(to, buffer.data(), static_cast<std::size_t>(got)))
      outcome = tl::unexpected(
          failure(FailureKind::unreachable,
                  fmt::format("cannot be copied to a temporary file: {}", std::strerror(errno))));
  }
  if (!outcome) {
    ::close(to);
    return outcome;
  }
  ::close(descriptor_);
  descriptor_ = to;
  spooled_ = true;
  return outcome;
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
  if (path_ == "-" || ::stat(path_.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return mark(info);
}

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace usher
