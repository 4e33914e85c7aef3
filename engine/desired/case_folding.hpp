#pragma once

#include <string>
#include <string_view>

namespace usher {

// Comparing texts without regard to case, where a wrong match gives an account away. Letters that fold into
// ASCII ones (U+0130, U+0131, U+212A, U+017F) or into two (U+00DF) are somebody else's on one platform and
// the same on another.

bool is_ascii(std::string_view text);

/// Trimmed, in lower case, and with these letters as what they fold into: texts that some platform takes for
/// the same are equal.
std::string loosely_folded(std::string_view text);

/// Whether two texts that are equal when loosely folded are so on every platform: both are ASCII or neither
/// is, and these letters stand at the same places.
bool surely_same(std::string_view a, std::string_view b);

}  // namespace usher
