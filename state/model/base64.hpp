#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// RFC 4648 §4, with padding.
std::string to_base64(std::string_view octets);

/// What a decoder takes for the last two digits.
enum class Base64Alphabet {
  standard,  ///< RFC 4648 §4: + and /
  any,       ///< also - and _ (§5), as tokens write it
};

/// Padding may be left out; nothing for text that is no base64.
std::optional<std::string> from_base64(std::string_view text,
                                       Base64Alphabet alphabet = Base64Alphabet::standard);

}  // namespace usher
