#include "state/store/connection.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "state/store/error.hpp"
#include "state/store/fault.hpp"

namespace usher {

namespace {

StoreErrorKind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreErrorKind::corrupt;
    case SQLITE_FULL:
      return StoreErrorKind::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreErrorKind::locked;
    default:
      return StoreErrorKind::failed;
  }
}

/// "14 MB" of what a crashed writer left beside the file, and the next one must move into it; empty: nothing.
std::string room_needed(const std::string& file) {
  std::error_code none;
  const std::uintmax_t size = std::filesystem::file_size(file + "-wal", none);
  if (none || size == 0) return {};
  return fmt::format(", at least {} MB, the size of {}-wal,", (size + 999'999) / 1'000'000, file);
}

std::string advice(StoreErrorKind kind, const std::string& file) {
  switch (kind) {
    case StoreErrorKind::corrupt:
      return "; the file is damaged: restore it from a backup, or move it away and pull anew";
    case StoreErrorKind::full:
      return fmt::format("; make room{} and run the command again", room_needed(file));
    case StoreErrorKind::locked:
      return "; another program has the file open for writing: close it and run the command again";
    default:
      return "; run the command again with -vv to see what was asked of it";
  }
}

[[noreturn]] void fail(const std::string& file, int code, const std::string& message, std::string_view sql) {
  const StoreErrorKind kind = kind_of(code);
  throw StoreError(
      kind, fmt::format("{}: the state cannot be used: {}{}", file, sqlite3_errstr(code), advice(kind, file)),
      fmt::format("SQLite {}: {} in: {}", code, message, sql));
}

[[noreturn]] void fail(sqlite3* handle, std::string_view sql) {
  const char* file = sqlite3_db_filename(handle, "main");
  fail(file == nullptr ? "state" : file, sqlite3_errcode(handle), sqlite3_errmsg(handle), sql);
}

/// "file:" and the path as SQLite reads a URI. Immutable: SQLite makes no file beside it, and looks for none.
std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#')
      uri += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

/// 0, or why a database that was opened cannot be read: SQLite makes two files beside it, or opens them.
int reading_fault(sqlite3* handle) {
  sqlite3_stmt* look = nullptr;
  int code = sqlite3_prepare_v2(handle, "select 1 from sqlite_schema limit 1", -1, &look, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(look);
  sqlite3_finalize(look);
  const int kind = code & 0xff;
  return kind == SQLITE_CANTOPEN || kind == SQLITE_READONLY ? code : SQLITE_OK;
}

/// The files that SQLite keeps beside a database.
constexpr std::array<const char*, 2> beside{"-wal", "-shm"};

/// SQLite gives them the permissions of the database. Where that is read-only, a reader that makes them would
/// leave files that no later writer can open: whoever owns them can write them.
void let_owner_write(const std::string& path) {
  for (const char* ending : beside) {
    struct stat side {};
    const std::string file = path + ending;
    if (::lstat(file.c_str(), &side) == 0 && S_ISREG(side.st_mode) && side.st_uid == ::geteuid() &&
        (side.st_mode & S_IWUSR) == 0)
      ::chmod(file.c_str(), (side.st_mode & 07777U) | S_IRUSR | S_IWUSR);
  }
}

/// Throws where one of them is there and cannot be read.
void expect_readable(const std::string& path) {
  for (const char* ending : beside) {
    const std::string file = path + ending;
    if (::faccessat(AT_FDCWD, file.c_str(), R_OK, AT_EACCESS) == 0 || errno != EACCES) continue;
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("{}: cannot be read: {}; it is a part of the state beside it: run the "
                                 "command as the user that the state belongs to",
                                 file, std::strerror(EACCES)));
  }
}

/// Reads a state whose folder cannot be written. That is safe where no writer has left anything in -wal:
/// then the file alone is the state.
std::unique_ptr<SQLite::Database> open_immutable(const std::string& path, int code) {
  std::error_code none;
  const std::uintmax_t left = std::filesystem::file_size(path + "-wal", none);
  if (!none && left > 0) {
    expect_readable(path);
    throw StoreError(
        StoreErrorKind::failed,
        fmt::format("{0}: the folder or a file in it is read-only; usher needs to write {0}-wal and "
                    "{0}-shm beside the state, for a command that was cut short left something "
                    "there: copy the three files to a folder that can be written",
                    path),
        fmt::format("SQLite {}", code));
  }
  return std::make_unique<SQLite::Database>(
      immutable_uri(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLite::OPEN_NOMUTEX, 0);
}

std::unique_ptr<SQLite::Database> open(const std::filesystem::path& file, Connection::Mode mode) {
  // Nobody asks SQLite how much memory it holds, and counting it is a lock that all threads would share.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const int flags = mode == Connection::Mode::read ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE;
  // Absolute, so that a file called "file:…" is not taken for a URI.
  const std::string path = std::filesystem::absolute(file).string();
  try {
    constexpr int wait_for_others_ms =
        5000;  // somebody's sqlite3 shell; usher itself is kept out by the lock
    auto database =
        std::make_unique<SQLite::Database>(path, flags | SQLite::OPEN_NOMUTEX, wait_for_others_ms);
    if (mode == Connection::Mode::write) return database;
    const int code = reading_fault(database->getHandle());
    if (code != SQLITE_OK) return open_immutable(path, code);
    let_owner_write(path);
    return database;
  } catch (const SQLite::Exception& error) {
    fail(path, error.getErrorCode(), error.what(), {});
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* handle, std::string_view sql) : handle_(handle) {
  sqlite3_stmt* prepared = nullptr;
  const int size = static_cast<int>(sql.size());
  if (sqlite3_prepare_v3(handle, sql.data(), size, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) !=
      SQLITE_OK)
    fail(handle, sql);
  statement_.reset(prepared);
}

bool Statement::step() {
  if (!begun_) {
    meet_statement_fault();
    begun_ = true;
  }
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(handle_, sqlite3_sql(statement_.get()));
  return false;
}

void Statement::reset() {
  sqlite3_reset(statement_.get());  // repeats the error of the last step, which was thrown then
  begun_ = false;
}

void Statement::set(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void Statement::set(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();  // a null pointer would bind NULL
  if (sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8) !=
      SQLITE_OK)
    fail(handle_, sqlite3_sql(statement_.get()));
}

void Statement::set(int index, const Bytes& value) {
  if (sqlite3_bind_blob64(statement_.get(), index, value.data.data(), value.data.size(), SQLITE_STATIC) !=
      SQLITE_OK)
    fail(handle_, sqlite3_sql(statement_.get()));
}

void Statement::set(int index, const Fingerprint& value) {
  sqlite3_bind_blob(statement_.get(), index, value.bytes.data(), static_cast<int>(value.bytes.size()),
                    SQLITE_STATIC);
}

void Statement::set(int index, std::nullptr_t) {
  sqlite3_bind_null(statement_.get(), index);
}

bool Statement::null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Fingerprint Statement::fingerprint(int column) const {
  const std::string_view data = bytes(column);
  return Fingerprint::from_bytes(data.data(), data.size());
}

Connection::Connection(const std::filesystem::path& file, Mode mode) : database_(open(file, mode)) {
  // The cache holds what a transaction has changed: a writer gets more of it. Nothing is mapped: pages that
  // were read would count as memory of this process, and a disk's error would be a signal.
  execute(fmt::format("pragma mmap_size = 0; pragma cache_size = {}", mode == Mode::write ? -32768 : -2048));
}

StatementLoan Connection::statement(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) found = statements_.emplace(sql, prepare(sql)).first;
  return StatementLoan(found->second);
}

Statement Connection::prepare(std::string_view sql) {
  return Statement(handle(), sql);
}

void Connection::execute(const std::string& sql) {
  meet_statement_fault();
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(handle(), sql);
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle()) == 0;
}

sqlite3* Connection::handle() const {
  return database_->getHandle();
}

void Connection::set_durability(Durability durability) {
  if (durability == durability_) return;
  statement(durability == Durability::synced ? "pragma synchronous = full" : "pragma synchronous = normal")
      ->run();
  durability_ = durability;
}

Transaction::Transaction(Connection& connection, Durability durability)
    : connection_(connection), outer_(!connection.in_transaction()) {
  if (!outer_) return;
  connection_.set_durability(durability);
  connection_.statement("begin immediate")->run();
}

Transaction::~Transaction() {
  if (!open_ || !outer_ || !connection_.in_transaction()) return;
  sqlite3_exec(connection_.handle(), "rollback", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  open_ = false;
  if (!outer_) return;
  try {
    connection_.statement("commit")->run();
  } catch (...) {
    open_ = true;  // a commit that failed may have left the transaction open
    throw;
  }
}

ReadTransaction::ReadTransaction(Connection& connection)
    : connection_(connection), outer_(!connection.in_transaction()) {
  if (outer_) connection_.statement("begin")->run();
}

ReadTransaction::~ReadTransaction() {
  if (outer_ && connection_.in_transaction())
    sqlite3_exec(connection_.handle(), "commit", nullptr, nullptr, nullptr);
}

}  // namespace usher
