#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "state/model/fingerprint.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace usher {

/// Binary content for a parameter.
struct Bytes {
  std::string_view data;
};

/// A prepared statement. Text and fingerprints are bound without a copy: they must live until the statement
/// is reset or bound again. Views that a column gives live until the next step() or reset(). It is raw SQLite
/// below and not SQLite::Statement because the latter copies a shared pointer for each value it reads.
/// Belongs to its connection's thread. All errors are StoreError.
class Statement {
 public:
  Statement(sqlite3* handle, std::string_view sql);

  /// Resets, then binds ?1, ?2, … : integers, bool, text, Bytes, Fingerprint, std::optional of these,
  /// nullptr.
  template <class... Values>
  Statement& bind(const Values&... values) {
    reset();
    int index = 0;
    (set(++index, values), ...);
    return *this;
  }
  /// Binds and runs to the end; for statements without rows.
  template <class... Values>
  void run(const Values&... values) {
    bind(values...);
    while (step()) {
    }
    reset();
  }
  /// To the next row; false at the end.
  bool step();
  void reset();

  bool null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view bytes(int column) const;
  Fingerprint fingerprint(int column) const;

 private:
  void set(int index, std::int64_t value);
  void set(int index, std::string_view value);
  void set(int index, const Bytes& value);
  void set(int index, const Fingerprint& value);
  void set(int index, std::nullptr_t);
  template <std::integral Integer>
  void set(int index, Integer value) {
    set(index, static_cast<std::int64_t>(value));
  }
  void set(int index, const std::string& value) { set(index, std::string_view(value)); }
  void set(int index, const char* value) { set(index, std::string_view(value)); }
  template <class Value>
  void set(int index, const std::optional<Value>& value) {
    value ? set(index, *value) : set(index, nullptr);
  }

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  sqlite3* handle_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  bool begun_ = false;
};

/// A statement on loan from its connection; reset when given back, so that no read stays open unnoticed.
class StatementLoan {
 public:
  explicit StatementLoan(Statement& statement) : statement_(&statement) {}
  StatementLoan(StatementLoan&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  StatementLoan& operator=(StatementLoan&&) = delete;
  ~StatementLoan() {
    if (statement_ != nullptr) statement_->reset();
  }
  Statement* operator->() const { return statement_; }
  Statement& operator*() const { return *statement_; }

 private:
  Statement* statement_;
};

/// What a commit promises after a power cut. After a kill of the process both keep what was committed.
enum class Durability {
  synced,  ///< it is there (fsync): journal, links, publication
  lazy,    ///< it is there whole or not at all, and never something later without it: bulk rows
};

/// One open connection to the state. One thread at a time.
class Connection {
 public:
  enum class Mode { read, write };
  Connection(const std::filesystem::path& file, Mode mode);
  Connection(Connection&&) = default;
  Connection& operator=(Connection&&) = default;

  /// A statement prepared once and kept; one loan of a text at a time. sql: a literal. Loops whose body may
  /// ask for the same text prepare() their own.
  StatementLoan statement(std::string_view sql);
  Statement prepare(std::string_view sql);
  /// Runs one or more statements without parameters.
  void execute(const std::string& sql);

  bool in_transaction() const;
  sqlite3* handle() const;

  /// By which stored accounts are compared with their digests; nullptr before the state's secret is read.
  const Fingerprinter* fingerprints() const { return fingerprints_ ? &*fingerprints_ : nullptr; }
  void set_fingerprints(const Fingerprinter& fingerprints) { fingerprints_ = fingerprints; }

 private:
  friend class Transaction;
  void set_durability(Durability durability);

  std::unique_ptr<SQLite::Database> database_;
  std::unordered_map<std::string_view, Statement> statements_;  // keys are string literals
  Durability durability_ = Durability::synced;
  std::optional<Fingerprinter> fingerprints_;
};

/// All or nothing. Where one is open already, a second joins it: its commit() does nothing and the outer one
/// decides, so that writes of several tables share one commit. Rolls back when destroyed uncommitted.
class Transaction {
 public:
  explicit Transaction(Connection& connection, Durability durability = Durability::synced);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Connection& connection_;
  bool outer_;
  bool open_ = true;
};

/// What several statements read is of one moment, and each costs no lock of its own. Nothing may be written
/// while one is open. Does nothing where a transaction is open already.
class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection);
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Connection& connection_;
  bool outer_;
};

}  // namespace usher
