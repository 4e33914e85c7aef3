#pragma once

#include <cstdint>
#include <string_view>

namespace usher {

/// What the rules want done where a platform cannot do what they ask for.
enum class Fallback : std::uint8_t {
  report,    ///< only say it
  lock,      ///< of a leaver who cannot be disabled
  remove,    ///< of a leaver who cannot be disabled: "delete"
  recreate,  ///< of an attribute that cannot be changed: a new account in place of the old one
};
const char* to_string(Fallback fallback);
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
Fallback fallback(std::string_view name);

}  // namespace usher
