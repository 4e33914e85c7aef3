#include "engine/cli/trace_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/runtime/exit_code.hpp"
#include "state/model/write_all.hpp"

namespace usher::cli {

TraceFile::TraceFile(const std::string& file)
    : descriptor_(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  if (descriptor_ >= 0 && fchmod(descriptor_, 0600) == 0) return;
  const int error = errno;
  if (descriptor_ >= 0) close(descriptor_);
  throw CommandError(ExitCode::failed,
                     fmt::format("The trace file '{}' cannot be written: {}.", file, std::strerror(error)));
}

TraceFile::~TraceFile() {
  close(descriptor_);
}

void TraceFile::write(std::string_view text) noexcept {
  write_all(descriptor_, text);
}

}  // namespace usher::cli
