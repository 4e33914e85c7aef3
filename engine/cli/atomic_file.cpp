#include "engine/cli/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkstemp
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/runtime/exit_code.hpp"

namespace usher::cli {

AtomicFile::AtomicFile(std::filesystem::path file, std::string what, Readers readers)
    : file_(std::move(file)), what_(std::move(what)), fresh_(file_.string() + ".XXXXXX") {
  const int descriptor = mkstemp(fresh_.data());  // of mode 0600
  if (descriptor < 0) {
    fresh_.clear();
    fail();
  }
  const bool readable = readers == Readers::nobody || fchmod(descriptor, 0644) == 0;
  if (readable) stream_ = fdopen(descriptor, "w");
  if (stream_ != nullptr) return;
  const int error = errno;
  close(descriptor);
  std::remove(fresh_.c_str());
  fresh_.clear();
  errno = error;
  fail();
}

AtomicFile::~AtomicFile() {
  if (stream_ != nullptr) std::fclose(stream_);
  if (!fresh_.empty()) std::remove(fresh_.c_str());
}

void AtomicFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size()) fail();
}

void AtomicFile::commit() {
  const bool written = std::fflush(stream_) == 0 && fsync(fileno(stream_)) == 0;
  if (!written || std::rename(fresh_.c_str(), file_.c_str()) != 0) fail();
  fresh_.clear();
  sync_folder();
}

// A file system may otherwise forget the new name when the machine stops.
void AtomicFile::sync_folder() const {
  const std::filesystem::path folder = std::filesystem::absolute(file_).parent_path();
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that cannot be read can be written
  const bool synced = fsync(descriptor) == 0 || errno == EINVAL;
  const int error = errno;
  close(descriptor);
  errno = error;
  if (!synced) fail();
}

void AtomicFile::fail() const {
  throw CommandError(ExitCode::failed, fmt::format("The {} '{}' cannot be written: {}.", what_,
                                                   file_.string(), std::strerror(errno)));
}

}  // namespace usher::cli
