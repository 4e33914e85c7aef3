#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher::cel {

/// Whether every byte is below 128: then bytes and code points are the same.
bool is_ascii(std::string_view text);
bool is_utf8(std::string_view text);

/// How many bytes the code point at `offset` takes; at least 1, never beyond the end (0 at the end).
std::size_t code_point_length(std::string_view text, std::size_t offset);
/// The code point at `offset`, which must be inside; U+FFFD for bytes that are no UTF-8.
char32_t code_point(std::string_view text, std::size_t offset);
void append_code_point(std::string& text, char32_t code);

/// How many code points a text has.
std::size_t count_code_points(std::string_view text);
/// The byte offset of the code point number `index`; nothing beyond the end, which itself counts as inside.
std::optional<std::size_t> byte_offset(std::string_view text, std::int64_t index);

/// Where a part begins from `from` on, npos where it does not. Linear in the size of both, whatever they
/// hold.
std::size_t find_part(std::string_view text, std::string_view part, std::size_t from = 0);

/// Text with each run of bytes that is no UTF-8 replaced by U+FFFD.
std::string repaired(std::string_view text);

}  // namespace usher::cel
