#pragma once

#include <string_view>
#include <vector>

#include "state/model/operation.hpp"
#include "state/store/rows.hpp"

namespace usher {

/// Whether an operation says whom it means. A revocation that somebody asked for by name does not, and is not
/// repeated when it was refused; that of a leaver's tokens and sessions is owed.
inline bool names_somebody(const Operation& operation) {
  return !operation.before.empty();
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
