#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// A text with some encoding taken off, and where in the original each of its bytes came from.
struct TextView {
  std::string text;
  std::vector<std::uint32_t> from;  ///< one more than bytes: the last is the end of the original
};

/// The text as it is, and with percent-encoding, form encoding, JSON escapes and HTML entities taken off,
/// each also inside another, to a depth of three. The first is the text itself. REQUIRES: fewer than 2^32
/// bytes.
std::vector<TextView> decoded_views(std::string_view text);

/// The text; what stands in UTF-8 where a program took its bytes for Latin-1; and its bytes in Latin-1, when
/// it is UTF-8 that has them. Without repetitions: ASCII has one form.
std::vector<std::string> charset_forms(std::string_view text);

/// What base64 of any text that holds `text` holds at one of the three offsets it may begin at, in both
/// alphabets. Parts of characters that depend on the neighbours are left out; the shortest has two characters
/// fewer than `text` has bytes.
std::vector<std::string> base64_cores(std::string_view text);

}  // namespace usher
