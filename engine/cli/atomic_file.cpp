#include "engine/cli/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkstemp
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/runtime/exit_code.hpp"

namespace usher::cli {

namespace {

/// Where a path leads, link by link, also where nothing stands at the end: its links are followed by hand.
struct Target {
  std::filesystem::path file;
  std::string trouble;  ///< why nothing may be written there; empty: nothing is known yet
};

/// Whether the name is one that the system makes: a new file would take the place of the name, not of what it
/// means.
bool is_of_system(const std::filesystem::path& file) {
  std::error_code none;
  const std::filesystem::path folder =
      std::filesystem::weakly_canonical(std::filesystem::absolute(file, none).parent_path(), none);
  const auto is_below = [text = folder.string() + "/"](std::string_view top) {
    return text.starts_with(top);
  };
  return is_below("/proc/") || (is_below("/dev/") && !is_below("/dev/shm/"));
}

Target target_of(std::filesystem::path file) {
  constexpr int most_links = 40;
  std::error_code none;
  for (int links = 0; links <= most_links; ++links) {
    if (is_of_system(file)) return {file, "names below /dev and /proc are no files"};
    const std::filesystem::path next = std::filesystem::read_symlink(file, none);
    if (none) return {file, ""};
    file = file.parent_path() / next;
  }
  return {file, "too many links lead to it"};
}

/// Why what stands there must not be replaced; empty: it may.
std::string why_not_replaced(const Target& target) {
  if (!target.trouble.empty()) return target.trouble;
  const std::filesystem::path& file = target.file;
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  if (!std::filesystem::is_regular_file(file, none)) return "it is not a regular file";
  constexpr std::string_view database = "SQLite format 3";
  std::string begin(database.size(), '\0');
  std::ifstream(file, std::ios::binary).read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin == database ? "a database stands there" : "";
}

/// Gives the new file the read permissions and the group of the one it replaces, if this user owns that one:
/// a group that it cannot have gets nothing. False: errno says why not.
bool keep_readers(const std::filesystem::path& replaced, int descriptor, mode_t at_least) {
  struct stat before {};
  struct stat now {};
  if (fstat(descriptor, &now) != 0) return false;
  mode_t mode = at_least;
  if (stat(replaced.c_str(), &before) == 0 && before.st_uid == geteuid()) {
    const bool same_group = fchown(descriptor, static_cast<uid_t>(-1), before.st_gid) == 0;
    mode |= before.st_mode & (same_group ? 0444U : 0404U);
  }
  return (now.st_mode & 0777U) == mode || fchmod(descriptor, mode) == 0;  // not every file system has modes
}

/// What root writes stays readable for whoever owns the file beside it. False: errno says why not.
bool give_to_owner_of(const std::filesystem::path& beside, int descriptor) {
  struct stat other {};
  if (geteuid() != 0 || stat(beside.c_str(), &other) != 0 || other.st_uid == 0) return true;
  return fchown(descriptor, other.st_uid, other.st_gid) == 0;
}

}  // namespace

std::filesystem::path where_links_lead(const std::filesystem::path& file) {
  return target_of(file).file;
}

void expect_writable(const std::filesystem::path& file, const std::string& what) {
  try {
    const AtomicFile trial(file, what);
  } catch (const CommandError& error) {
    throw CommandError(
        error.conditions(),
        fmt::format("{} Nothing was done: name a file in a folder that is there and that you may write to.",
                    error.what()));
  }
}

AtomicFile::AtomicFile(const std::filesystem::path& file, std::string what, Readers readers,
                       const std::filesystem::path& beside)
    : what_(std::move(what)) {
  const Target target = target_of(file);
  if (const std::string why = why_not_replaced(target); !why.empty()) {
    throw CommandError(ExitCode::failed,
                       fmt::format("The {} '{}' is not written: {}.", what_, file.string(), why));
  }
  file_ = target.file;
  fresh_ = file_.string() + ".XXXXXX";
  const int descriptor = mkstemp(fresh_.data());  // of mode 0600
  if (descriptor < 0) {
    fresh_.clear();
    fail();
  }
  if (keep_readers(file_, descriptor, readers == Readers::nobody ? 0600 : 0644) &&
      (beside.empty() || give_to_owner_of(beside, descriptor)))
    stream_ = fdopen(descriptor, "w");
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
