#pragma once

#include <string_view>
#include <vector>

#include "state/model/operation.hpp"
#include "state/store/rows.hpp"

namespace usher {

/// Whether the platform's refusal leaves something owed: tokens and sessions of a leaver. A revocation that
/// somebody asked for by name says nothing of whom it means (`before` is empty), and is not repeated.
inline bool is_owed_when_refused(const Operation& operation) {
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
