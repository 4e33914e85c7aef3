#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace usher {

/// Why the state cannot be used; the engine chooses its exit code by it.
enum class StoreErrorKind {
  locked,   ///< another process writes to it; the message names the holder
  missing,  ///< opened for reading, and there is no such file
  foreign,  ///< a SQLite file, but not usher's
  newer,    ///< written by a later version of usher; untouched
  older,    ///< opened for reading, needs a migration that only a writing command makes
  corrupt,  ///< damaged or not a SQLite file; untouched
  full,     ///< no space left
  failed,   ///< anything else SQLite or the file system said
};

/// Ends the command: the state says no. The message names the file, what happened and what to do. After one,
/// the open transaction has been rolled back: what was committed before stands, nothing else does.
class StoreError : public std::runtime_error {
 public:
  /// detail: what SQLite said and where, for developers: the log has it, no user is shown it.
  StoreError(StoreErrorKind kind, const std::string& message, std::string detail = {})
      : std::runtime_error(message), kind_(kind), detail_(std::move(detail)) {}
  StoreErrorKind kind() const { return kind_; }
  const std::string& detail() const { return detail_; }

 private:
  StoreErrorKind kind_;
  std::string detail_;
};

}  // namespace usher
