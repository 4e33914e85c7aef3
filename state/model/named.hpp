#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace usher {

/// The enumerator that to_string() calls `name`; nullopt: there is none. REQUIRES: the underlying type of
/// Enum is std::uint8_t, its values count up from 0, and to_string() returns an empty text past the last.
template <class Enum>
std::optional<Enum> named(std::string_view name) {
  if (name.empty()) return std::nullopt;
  for (unsigned value = 0; value <= std::numeric_limits<std::uint8_t>::max(); ++value) {
    const std::string_view known = to_string(static_cast<Enum>(value));
    if (known.empty()) break;
    if (known == name) return static_cast<Enum>(value);
  }
  return std::nullopt;
}

}  // namespace usher
