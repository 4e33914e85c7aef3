#include "engine/apply/secrets_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/runtime/time.hpp"

namespace usher {

namespace {

bool write_all(int descriptor, const std::string& lines) {
  return write(descriptor, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) &&
         fsync(descriptor) == 0;
}

/// nullopt: it cannot be read, and errno says why.
std::optional<std::string> contents(const std::string& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return std::nullopt;
  std::string text;
  std::array<char, 65536> buffer;
  ssize_t got = 0;
  while ((got = read(descriptor, buffer.data(), buffer.size())) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  const int error = errno;
  close(descriptor);
  errno = error;
  return got < 0 ? std::nullopt : std::optional(std::move(text));
}

bool is_old(const std::string& line, const std::string& platform, std::int64_t then) {
  const auto one = nlohmann::json::parse(line, nullptr, false);
  if (!one.is_object() || one.value("platform", "") != platform) return false;
  const std::string at = one.value("at", "");
  return !at.empty() && seconds_of(at) < then;
}

}  // namespace

std::string SecretsFile::why(const char* what) const {
  return fmt::format("{}: cannot {} the file for first secrets: {}", file_, what, std::strerror(errno));
}

std::string SecretsFile::append(const std::string& lines) const {
  const int descriptor = open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return why("open");
  const bool written = fchmod(descriptor, 0600) == 0 && write_all(descriptor, lines);
  std::string failure = written ? std::string() : why("write");
  close(descriptor);
  return failure;
}

std::string SecretsFile::drop_before(const std::string& platform, std::int64_t then) const {
  const auto text = contents(file_);
  if (!text) return errno == ENOENT ? std::string() : why("read");
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
