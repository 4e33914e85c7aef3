#include "engine/cli/trace_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "engine/runtime/exit_code.hpp"
#include "state/model/write_all.hpp"

namespace usher::cli {

namespace {

/// Whether an earlier trace stands there, which begins with the time of an exchange ("# 2026-…"), or nothing.
bool is_trace(int descriptor) {
  std::array<char, 6> begin{};
  const ssize_t got = pread(descriptor, begin.data(), begin.size(), 0);
  if (got == 0) return true;
  return got == static_cast<ssize_t>(begin.size()) && begin[0] == '#' && begin[1] == ' ' &&
         std::all_of(begin.begin() + 2, begin.end(), [](char c) { return c >= '0' && c <= '9'; });
}

[[noreturn]] void fail(const std::string& file, const std::string& why) {
  throw CommandError(ExitCode::failed, fmt::format("The trace file '{}' {}.", file, why));
}

}  // namespace

TraceFile::TraceFile(const std::string& file)
    : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  const bool opened = descriptor_ >= 0, replaced = opened && is_trace(descriptor_);
  if (replaced && fchmod(descriptor_, 0600) == 0 && ftruncate(descriptor_, 0) == 0) return;
  const int error = errno;
  if (opened) close(descriptor_);
  if (opened && !replaced)
    fail(file, "is not written, for what stands there is not a trace; give another name, or remove it");
  fail(file, fmt::format("cannot be written: {}", std::strerror(error)));
}

TraceFile::~TraceFile() {
  close(descriptor_);
}

void TraceFile::write(std::string_view text) noexcept {
  write_all(descriptor_, text);
}

}  // namespace usher::cli
