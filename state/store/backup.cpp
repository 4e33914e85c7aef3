#include "state/store/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "state/store/database.hpp"

namespace usher {

namespace {

constexpr int pages_a_step = 16384;
constexpr int milliseconds_to_wait = 20;

/// Copies the pages of one database into another. Throws StoreError.
void copy_pages(Connection& from, Connection& to) {
  sqlite3_backup* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) throw StoreError(StoreErrorKind::failed, sqlite3_errmsg(to.handle()));
  int result = SQLITE_OK;
  while (result == SQLITE_OK || result == SQLITE_BUSY || result == SQLITE_LOCKED) {
    if (result != SQLITE_OK) sqlite3_sleep(milliseconds_to_wait);
    result = sqlite3_backup_step(backup, pages_a_step);
  }
  sqlite3_backup_finish(backup);
  if (result != SQLITE_DONE) throw StoreError(StoreErrorKind::failed, sqlite3_errstr(result));
}

/// to: a new file. named: what messages call the state.
void copy_whole(Connection& state, const std::filesystem::path& to, const std::filesystem::path& named) {
  const int descriptor = ::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("{}: cannot be written: {}", to.string(), std::strerror(errno)));
  ::fchmod(descriptor, 0600);
  ::close(descriptor);
  try {
    Connection copy(to, Connection::Mode::write);
    copy_pages(state, copy);
    copy.execute("pragma journal_mode = delete");
  } catch (const StoreError& error) {
    std::error_code ignored;
    std::filesystem::remove(to, ignored);
    throw StoreError(error.kind(), fmt::format("{}: cannot be copied to {}: {}", named.string(), to.string(),
                                               error.what()));
  }
}

}  // namespace

void copy_state(const std::filesystem::path& from, const std::filesystem::path& to) {
  Database database(from, Access::read);
  // One read transaction: a writer that goes on meanwhile does not make the copy begin anew.
  ReadTransaction moment(database.connection());
  database.connection().statement("select count(*) from platform")->step();
  copy_whole(database.connection(), to, from);
}

void copy_before_migration(Connection& state, const std::filesystem::path& file, int version) {
  const std::filesystem::path kept = file.string() + ".v" + std::to_string(version);
  const std::filesystem::path fresh = kept.string() + ".new";
  std::error_code error;
  std::filesystem::remove(fresh, error);
  copy_whole(state, fresh, file);
  std::filesystem::rename(fresh, kept, error);
  if (error)
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("{}: cannot be written: {}", kept.string(), error.message()));
}

}  // namespace usher
