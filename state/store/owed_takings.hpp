#pragma once

#include <string_view>
#include <vector>

#include "state/model/operation.hpp"
#include "state/store/rows.hpp"

namespace usher {

/// Whether an operation is owed where it was not done: the revocation of a leaver's tokens or sessions, which
/// says whose they are. One that somebody asked for by name does not say that, and is not repeated when it
/// was refused.
inline bool is_owed_until_done(const Operation& operation) {
  return operation.kind == OperationKind::revoke && !operation.before.empty();
}

/// What was to be taken from leavers and was refused, where no pull shows that they still have it: tokens and
/// sessions. Facts, until they are taken. Writes join the caller's transaction or are one each.
class OwedTakings {
 public:
  explicit OwedTakings(Connection& connection) : connection_(connection) {}

  void put(const Operation& operation);
  void forget(std::string_view operation);
  /// By the ids of the operations.
  std::vector<Operation> all();

 private:
  Connection& connection_;
};

}  // namespace usher
