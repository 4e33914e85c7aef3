#include "state/store/database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "state/store/backup.hpp"
#include "state/store/migration.hpp"
#include "state/store/rows.hpp"

namespace usher {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(StoreErrorKind kind, const fs::path& file, std::string_view why) {
  throw StoreError(kind, fmt::format("{}: {}", file.string(), why));
}

using Header = std::array<unsigned char, 100>;

/// nullopt: the file is shorter. Read through SQLite: whoever opens and closes a file by other means ends all
/// locks that this process has on it (fcntl(2)), also those of its open databases.
std::optional<Header> header_of(const fs::path& file) {
  struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, Closer> database(opened);
  if (code != SQLITE_OK)
    refuse(StoreErrorKind::failed, file,
           fmt::format("cannot be read: {}", std::strerror(sqlite3_system_errno(opened))));
  sqlite3_file* stored = nullptr;
  sqlite3_file_control(opened, "main", SQLITE_FCNTL_FILE_POINTER, &stored);
  Header header{};
  if (stored->pMethods->xRead(stored, header.data(), static_cast<int>(header.size()), 0) != SQLITE_OK)
    return std::nullopt;
  return header;
}

/// What SQLite would only find out when it reads a page that is not there.
void check_header(const fs::path& file) {
  const std::optional<Header> read = header_of(file);
  const Header header = read.value_or(Header{});
  constexpr std::string_view magic("SQLite format 3\0", 16);
  if (std::memcmp(header.data(), magic.data(), magic.size()) != 0) {
    refuse(StoreErrorKind::corrupt, file,
           "is not a state of usher, or its beginning is damaged; it was not touched. "
           "Name another file, or restore this one from a backup");
  }
  const auto number = [&](std::size_t at, int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | header[at + static_cast<std::size_t>(i)];
    return value;
  };
  const fs::path wal = file.string() + "-wal";
  std::error_code none;
  if (fs::exists(wal, none) && fs::file_size(wal, none) > 0)
    return;  // a killed writer: SQLite will repair it
  const std::uint64_t page = number(16, 2) == 1 ? 65536 : number(16, 2);
  const std::uint64_t pages = number(28, 4);
  if (fs::file_size(file) < page * pages) {
    refuse(StoreErrorKind::corrupt, file,
           fmt::format(
               "is cut off: {} of {} bytes are there; it was not touched. Restore it from a backup, or move "
               "it away and pull anew",
               fs::file_size(file), page * pages));
  }
}

std::int64_t number(Connection& connection, std::string_view sql) {
  Statement statement = connection.prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

/// Looks at a file without changing it. Returns its version, 0 for one whose making was cut short.
int examine(const fs::path& file) {
  check_header(file);
  Connection connection(file, Connection::Mode::read);
  const std::int64_t application = number(connection, "pragma application_id");
  const int version = schema_version_of(connection);
  const std::int64_t objects = number(connection, "select count(*) from sqlite_schema");
  if (application == 0 && version == 0 && objects == 0) return 0;
  if (application != application_id) {
    refuse(StoreErrorKind::foreign, file,
           "is a SQLite database of another program; it was not touched. Name another "
           "file in `state:`");
  }
  if (version > schema_version) {
    refuse(StoreErrorKind::newer, file,
           fmt::format(
               "was written by a later usher (its version is {}, this program knows {}); it was not touched. "
               "Use that usher, or name another file in `state:`",
               version, schema_version));
  }
  return version;
}

void create_file(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    refuse(StoreErrorKind::failed, file,
           fmt::format("cannot be created: {}; check the folder and its permissions", std::strerror(errno)));
  }
  ::fchmod(descriptor, 0600);  // whatever the umask is
  ::close(descriptor);
}

std::string new_secret() {
  std::string secret(32, '\0');
  if (::getentropy(secret.data(), secret.size()) != 0)
    throw StoreError(StoreErrorKind::failed, fmt::format("no random bytes: {}", std::strerror(errno)));
  return secret;
}

void create_state(Connection& connection) {
  Transaction transaction(connection);
  create_schema(connection, built_in_schema(), schema_version);
  const std::string secret = new_secret();
  connection.statement("insert into meta values ('secret', ?1)")->run(Bytes{secret});
  transaction.commit();
}

Connection open_for_reading(const fs::path& file) {
  std::error_code none;
  if (!fs::exists(file, none))
    refuse(StoreErrorKind::missing, file, "there is no state yet; `usher pull` makes one");
  const int version = fs::file_size(file, none) == 0 ? 0 : examine(file);
  if (version == 0) refuse(StoreErrorKind::missing, file, "the state is empty; `usher pull` fills it");
  if (version < schema_version) {
    refuse(
        StoreErrorKind::older, file,
        fmt::format(
            "was written by an earlier usher (its version is {}, this program's {}); any command that "
            "writes, such as `usher pull`, brings it up to date. A copy that was kept to go back with is for "
            "the usher that wrote it",
            version, schema_version));
  }
  return Connection(file, Connection::Mode::read);
}

/// Throws for a file that SQLite keeps beside the state and that is there and cannot be written.
void check_side_files(const fs::path& file) {
  for (const char* ending : {"-wal", "-shm"}) {
    const fs::path side = file.string() + ending;
    if (::faccessat(AT_FDCWD, side.c_str(), R_OK | W_OK, AT_EACCESS) == 0 || errno == ENOENT) continue;
    refuse(
        StoreErrorKind::failed, side,
        fmt::format("cannot be written: {}; it is a part of the state beside it: give it the owner and the "
                    "permissions of {}",
                    std::strerror(errno), file.filename().string()));
  }
}

/// known: what the lock file remembers.
Connection open_for_writing(const fs::path& file, const WriteCount& known) {
  std::error_code none;
  if (fs::exists(file, none) && ::faccessat(AT_FDCWD, file.c_str(), W_OK, AT_EACCESS) != 0)
    refuse(StoreErrorKind::failed, file,
           fmt::format("cannot be written: {}; check the file and its permissions", std::strerror(errno)));
  check_side_files(file);
  const bool empty = fs::exists(file, none) && fs::file_size(file, none) == 0;
  if (empty && known.writes > 0) {
    refuse(
        StoreErrorKind::corrupt, file,
        fmt::format("is empty, and {0}.lock says that {1} {2} sent with it; it was not touched. "
                    "Restore it from a backup. To begin anew, remove both files: then only your match rules "
                    "find the accounts that usher made",
                    file.filename().string(), known.writes,
                    known.writes == 1 ? "operation was" : "operations were"));
  }
  const bool fresh = empty || !fs::exists(file, none);
  const int version = fresh ? 0 : examine(file);
  if (fresh) create_file(file);
  Connection connection(file, Connection::Mode::write);
  connection.execute(
      "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; "
      "pragma wal_autocheckpoint = 16384; pragma journal_size_limit = 67108864");
  if (version == 0) create_state(connection);
  if (version != 0 && version < schema_version) copy_before_migration(connection, file, version);
  migrate(connection, built_in_migrations());
  remove_unpublished_rows(connection);
  return connection;
}

Fingerprinter read_secret(Connection& connection, const fs::path& file) {
  Statement statement = connection.prepare("select value from meta where name = 'secret'");
  if (!statement.step() || statement.bytes(0).size() < 16)
    refuse(StoreErrorKind::corrupt, file,
           "the secret of its fingerprints is missing; restore it from a backup");
  const std::string_view secret = statement.bytes(0);
  return Fingerprinter({reinterpret_cast<const unsigned char*>(secret.data()), secret.size()});
}

/// The path by which every name of a state leads to the same lock.
fs::path without_links(const fs::path& file) {
  std::error_code error;
  fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical;
}

std::optional<StoreLock> lock_for(const fs::path& file, Access access, std::string_view command,
                                  std::chrono::milliseconds wait) {
  std::error_code none;
  if (const fs::file_status status = fs::status(file, none); fs::is_directory(status))
    refuse(StoreErrorKind::failed, file, "is a folder; name a file in it");
  else if (fs::exists(status) && !fs::is_regular_file(status))
    refuse(StoreErrorKind::failed, file, "is no regular file, as a state must be; it was not touched");
  if (access == Access::read) return std::nullopt;
  if (const auto names = fs::hard_link_count(file, none); !none && names > 1) {
    refuse(StoreErrorKind::failed, file,
           fmt::format("has {} names (hard links), and each would have a lock of its own; it was not "
                       "touched. Copy it to a file of its own, and remove the other names",
                       names));
  }
  return StoreLock(file.string() + ".lock", command, wait);
}

}  // namespace

Database::Database(std::filesystem::path file, Access access, std::string_view command,
                   std::chrono::milliseconds wait)
    : file_(without_links(file)),
      lock_(lock_for(file_, access, command, wait)),
      connection_(access == Access::read ? open_for_reading(file_)
                                         : open_for_writing(file_, lock_->remembered())),
      fingerprints_(read_secret(connection_, file_)) {
  connection_.set_fingerprints(fingerprints_);
  if (lock_) distrust_an_older_copy();
}

void Database::release_lock() {
  lock_->release();
}

void Database::retake_lock(std::chrono::milliseconds wait) {
  lock_->retake(wait);
  int has_moved = 0;
  sqlite3_file_control(connection_.handle(), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  if (has_moved != 0 || schema_version_of(connection_) != schema_version)
    refuse(StoreErrorKind::failed, file_,
           "was replaced while this command let others have it; nothing was written. Run the command again");
  distrust_an_older_copy();
}

std::string Database::identity() const {
  return fingerprints_.of({"identity of the state"}).hex();
}

void Database::remember_writes() {
  const std::int64_t writes = number(connection_, "select coalesce(sum(writes), 0) from platform");
  lock_->remember({identity(), static_cast<std::uint64_t>(writes)});
}

/// A state that was restored from a backup has forgotten writes that its lock file remembers: what it knows
/// of platforms is older than usher's own last write there, and each must be pulled before anybody is
/// created.
void Database::distrust_an_older_copy() {
  const WriteCount& known = lock_->remembered();
  const std::int64_t writes = number(connection_, "select coalesce(sum(writes), 0) from platform");
  if (known.state != identity() || known.writes <= static_cast<std::uint64_t>(writes)) return;
  Transaction transaction(connection_);
  connection_.statement("update platform set writes = writes + ?1")
      ->run(static_cast<std::int64_t>(known.writes) - writes);
  connection_.statement("delete from orphan")->run();  // who waited may be somebody's since
  transaction.commit();
}

Connection Database::reader() const {
  Connection reader(file_, Connection::Mode::read);
  reader.set_fingerprints(fingerprints_);
  return reader;
}

std::optional<PlatformId> Database::find_platform(std::string_view name) {
  const StatementLoan find = connection_.statement("select id from platform where name = ?1");
  return find->bind(name).step() ? std::optional(PlatformId{find->integer(0)}) : std::nullopt;
}

PlatformId Database::platform(std::string_view name) {
  if (const auto known = find_platform(name)) return *known;
  if (!lock_) {
    throw StoreError(StoreErrorKind::missing,
                     fmt::format("{}: platform '{}' was never pulled", file_.string(), name));
  }
  Transaction transaction(connection_);
  // The id is as the table would give it; last_row says that nothing of it is published yet.
  connection_
      .statement(
          "insert into platform (id, name, last_row) select coalesce(max(id), 0) + 1, ?1, "
          "(coalesce(max(id), 0) + 1) << 32 from platform")
      ->run(name);
  transaction.commit();
  return PlatformId{sqlite3_last_insert_rowid(connection_.handle())};
}

std::optional<std::string> Database::fact(std::string_view name) {
  const StatementLoan find = connection_.statement("select value from meta where name = 'fact ' || ?1");
  if (!find->bind(name).step()) return std::nullopt;
  return std::string(find->text(0));
}

void Database::set_fact(std::string_view name, std::string_view value) {
  connection_.statement("insert or replace into meta values ('fact ' || ?1, ?2)")->run(name, value);
}

void Database::forget_fact(std::string_view name) {
  connection_.statement("delete from meta where name = 'fact ' || ?1")->run(name);
}

}  // namespace usher
