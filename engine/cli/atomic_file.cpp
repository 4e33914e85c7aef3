#include "engine/cli/atomic_file.hpp"

#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkstemp
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/runtime/exit_code.hpp"

namespace usher::cli {

AtomicFile::AtomicFile(std::filesystem::path file, std::string what)
    : file_(std::move(file)), what_(std::move(what)), fresh_(file_.string() + ".XXXXXX") {
  const int descriptor = mkstemp(fresh_.data());  // of mode 0600
  if (descriptor < 0) {
    fresh_.clear();
    fail();
  }
  stream_ = fdopen(descriptor, "w");
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
}

void AtomicFile::fail() const {
  throw CommandError(ExitCode::failed, fmt::format("The {} '{}' cannot be written: {}.", what_,
                                                   file_.string(), std::strerror(errno)));
}

}  // namespace usher::cli
