#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "state/model/fingerprint.hpp"
#include "state/store/connection.hpp"
#include "state/store/error.hpp"
#include "state/store/lock.hpp"

namespace usher {

enum class Access {
  read,   ///< needs no lock and changes nothing; works beside a writer
  write,  ///< holds the lock, creates the file, migrates it, sweeps what a killed pull left
};

/// A platform's number in the state; constant for the life of the file.
enum class PlatformId : std::int64_t {};

/// The state of usher: one SQLite file (mode 0600) with its lock file beside it (FILE.lock, where FILE is the
/// path without symbolic links: a state has one lock under all its names).
///
/// Threads: the Database and its connection() belong to one thread at a time: the writer. Any other thread
/// reads through a Connection of its own, from reader(). A reader sees what was committed when its statement
/// began.
///
/// Crash: whatever is killed, whenever, the next writer finds every published generation and journal entry
/// whole and removes the rows of pulls that never published.
class Database {
 public:
  /// Throws StoreError: locked, missing, foreign, newer, older, corrupt, failed. A file that is refused is
  /// left as it was, byte for byte. command: stands in the lock for whoever is refused ("usher sync").
  /// wait: for another writer to end.
  Database(std::filesystem::path file, Access access, std::string_view command = "usher",
           std::chrono::milliseconds wait = {});

  /// Lets another writer have the state until retake_lock(); nothing is written meanwhile. REQUIRES: no
  /// transaction is open.
  void release_lock();
  /// Throws StoreError: locked, and failed where another file or version has taken the place of the state.
  void retake_lock(std::chrono::milliseconds wait);

  /// Whether it was opened for writing.
  bool writes() const { return lock_.has_value(); }
  const std::filesystem::path& file() const { return file_; }
  Connection& connection() { return connection_; }
  /// A read-only connection for one other thread; costs about 0.2 ms. Safe to call from any thread.
  Connection reader() const;
  /// Makes keys and digests under this file's secret. Safe from any thread.
  const Fingerprinter& fingerprints() const { return fingerprints_; }

  /// The number of a platform, given to it now when it is new and the access is write. Throws
  /// StoreError(missing) for an unknown one when reading.
  PlatformId platform(std::string_view name);
  /// nullopt: nothing was ever pulled from it.
  std::optional<PlatformId> find_platform(std::string_view name);

  /// Stands for this state and its copies in plans; tells nothing of its secret.
  std::string identity() const;
  /// Notes beside the state how much it has written to platforms. Before requests leave, after the journal.
  void remember_writes();

  /// Small facts by name ("rules iot"): digests that say what a derived table was made from.
  std::optional<std::string> fact(std::string_view name);
  void set_fact(std::string_view name, std::string_view value);
  void forget_fact(std::string_view name);

 private:
  void distrust_an_older_copy();

  std::filesystem::path file_;
  std::optional<StoreLock> lock_;
  Connection connection_;
  Fingerprinter fingerprints_;
};

}  // namespace usher
