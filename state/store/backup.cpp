#include "state/store/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

}  // namespace

void copy_state(const std::filesystem::path& from, const std::filesystem::path& to) {
  Database database(from, Access::read);
  const int descriptor = ::open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("{}: cannot be written: {}", to.string(), std::strerror(errno)));
  ::fchmod(descriptor, 0600);
  ::close(descriptor);
  try {
    // One read transaction: a writer that goes on meanwhile does not make the copy begin anew.
    ReadTransaction moment(database.connection());
    database.connection().statement("select count(*) from platform")->step();
    Connection copy(to, Connection::Mode::write);
    copy_pages(database.connection(), copy);
    copy.execute("pragma journal_mode = delete");
  } catch (const StoreError& error) {
    std::error_code ignored;
    std::filesystem::remove(to, ignored);
    throw StoreError(error.kind(),
                     fmt::format("{}: cannot be copied to {}: {}", from.string(), to.string(), error.what()));
  }
}

}  // namespace usher
