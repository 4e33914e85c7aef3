#pragma once

#include <cstdint>
#include <string_view>

namespace usher {

/// What a guard limits. Names are the keys of `guards` in the configuration.
enum class GuardKind : std::uint8_t {
  create,
  update,
  enable,
  disable,
  remove,  ///< "delete"
  memberships,
  removals,
  orphans,           ///< accounts that nobody declares and that are taken
  keys,              ///< accounts whose natural key changes
  vanished,          ///< linked accounts that the platform no longer shows
  vanished_records,  ///< people who are no longer in any source
  rule_errors,       ///< people for whom a rule fails
};
const char* to_string(GuardKind kind);
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
GuardKind guard_kind(std::string_view name);

}  // namespace usher
