#include "engine/apply/secrets_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "engine/runtime/time.hpp"

namespace usher {

namespace {

bool write_all(int descriptor, std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = write(descriptor, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
  return fsync(descriptor) == 0;
}

/// The file, made if need be, for nobody else as long as it is open: another platform of this apply, or
/// another usher, may hand over to it too. -1: errno says why.
int open_alone(const std::string& file, int flags) {
  while (true) {
    const int descriptor = open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return -1;
    struct stat opened {
    }, named{};
    const bool locked = flock(descriptor, LOCK_EX) == 0;
    if (locked && fstat(descriptor, &opened) == 0 && stat(file.c_str(), &named) == 0 &&
        opened.st_ino == named.st_ino && opened.st_dev == named.st_dev)
      return descriptor;
    const int error = errno;
    close(descriptor);
    errno = error;
    if (!locked && error != EINTR) return -1;  // else it was replaced while this waited
  }
}

/// Whether the last line has its end: one that a full disk cut must not swallow the next.
bool ends_with_a_line(int descriptor) {
  struct stat now {};
  char last = '\n';
  return fstat(descriptor, &now) != 0 || now.st_size == 0 ||
         pread(descriptor, &last, 1, now.st_size - 1) != 1 || last == '\n';
}

/// Whether it is empty or begins as a line of secrets does: anything else is somebody's file.
bool holds_secrets(int descriptor) {
  char first = '{';
  return pread(descriptor, &first, 1, 0) <= 0 || first == '{' || first == '\n';
}

/// nullopt: it cannot be read, and errno says why.
std::optional<std::string> contents(int descriptor) {
  std::string text;
  std::array<char, 65536> buffer;
  ssize_t got = 0;
  while ((got = read(descriptor, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  return got < 0 ? std::nullopt : std::optional(std::move(text));
}

bool is_old(const std::string& line, const std::string& platform, std::int64_t then) {
  const auto one = nlohmann::json::parse(line, nullptr, false);
  const auto text_of = [&](const char* member) {
    const auto found = one.find(member);
    return found != one.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!one.is_object() || text_of("platform") != platform) return false;
  try {
    return seconds_of(text_of("at")) < then;
  } catch (const std::invalid_argument&) {  // somebody edited it: it says no time, and stays
    return false;
  }
}

}  // namespace

std::string SecretsFile::why(const char* what) const {
  return fmt::format("{}: cannot {} the file for first secrets: {}", file_, what, std::strerror(errno));
}

std::string SecretsFile::append(const std::string& lines) const {
  const int descriptor = open_alone(file_, O_RDWR | O_CREAT | O_APPEND);
  if (descriptor < 0) return why("open");
  if (!holds_secrets(descriptor)) {
    close(descriptor);
    return fmt::format("{}: holds something else than first secrets and is not written; name another file",
                       file_);
  }
  const std::string whole = ends_with_a_line(descriptor) ? lines : "\n" + lines;
  const bool written = fchmod(descriptor, 0600) == 0 && (lines.empty() || write_all(descriptor, whole));
  std::string failure = written ? std::string() : why("write");
  close(descriptor);
  return failure;
}

std::string SecretsFile::drop_before(const std::string& platform, std::int64_t then) const {
  const int descriptor = open_alone(file_, O_RDONLY);
  if (descriptor < 0) return errno == ENOENT ? std::string() : why("read");
  const struct Closer {
    int descriptor;
    ~Closer() { close(descriptor); }
  } closer{descriptor};
  const auto text = contents(descriptor);
  if (!text) return why("read");
  std::string kept;
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size() - 1) + 1;
    const std::string line = text->substr(at, end - at);
    if (!is_old(line, platform, then)) kept += line;
    at = end;
  }
  return kept == *text ? std::string() : replace(kept);
}

std::string SecretsFile::replace(const std::string& lines) const {
  const std::string fresh = file_ + ".new";
  unlink(fresh.c_str());
  const int descriptor = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return why("write");
  const bool written = write_all(descriptor, lines);
  close(descriptor);
  if (written && rename(fresh.c_str(), file_.c_str()) == 0) return {};
  std::string failure = why("write");
  unlink(fresh.c_str());
  return failure;
}

}  // namespace usher
