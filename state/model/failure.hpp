#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

namespace usher {

/// What kind of no a platform or the way to it gave. Retry and settle decide by it, never by message text.
enum class FailureKind {
  unreachable,  ///< no connection was made: nothing was sent
  cut,          ///< the connection ended or timed out after the request may have left
  throttled,    ///< 429, or what a recipe calls so
  unavailable,  ///< 5xx that may pass
  refused,      ///< the credentials are not accepted (after one refresh)
  denied,       ///< the credentials are accepted, the act is not allowed
  gone,         ///< the account or entitlement does not exist
  conflict,     ///< something else holds the name or the state forbids it
  already_so,   ///< the platform says it already is as asked
  invalid,      ///< the platform rejects what was sent; repeating cannot help
  malformed,    ///< the reply cannot be understood (cut body, wrong shape, over the size limit)
  unsupported,  ///< this connector has no such call
  stopped,      ///< the caller asked to stop
};

/// The kind's name as it stands in the journal, reports and recipes ("already-so").
const char* to_string(FailureKind kind);

/// Whether a failure is the platform's and not the request's, so that it may pass: there was no connection,
/// 429, 5xx.
bool may_pass(FailureKind kind);

/// What a platform may answer on any day: a value, not an exception. Holds no secret.
struct Failure {
  FailureKind kind = FailureKind::invalid;
  int status = 0;            ///< HTTP status, 0 when there was none
  std::string message = {};  ///< what happened, for a person
  std::string request = {};  ///< "PATCH /users/7f…", without query values that are secret
  /// What the platform asked for: a floor for the next try.
  std::optional<std::chrono::milliseconds> retry_after = {};
  bool may_have_happened = false;  ///< a write left and no answer says whether it took effect
  bool repeated = false;           ///< another change of the same request has told it: it counts once
};

template <class T>
using Outcome = tl::expected<T, Failure>;

/// "PATCH /users/7f…: 404 gone: entity not found"
std::string describe(const Failure& failure);

}  // namespace usher
