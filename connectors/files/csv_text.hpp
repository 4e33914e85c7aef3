#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// Whether a text is valid UTF-8.
bool is_utf8(std::string_view text);

/// Whether nothing at the ends of a text can be taken for a blank, seen or unseen.
bool has_plain_ends(std::string_view text);

/// The text without zero-width spaces, word joiners and byte order marks among the blanks at its ends, which
/// come along with what is pasted and nobody sees. The blanks themselves stay.
std::string without_invisible_ends(std::string_view text);

/// The text without blanks at its ends, seen and unseen: what the name of a column is.
std::string without_blanks(std::string_view text);

/// The delimiter that a line seems to be made with, when it is another one than `used`.
std::optional<char> likely_delimiter(std::string_view line, char used);

/// Whether a cell with line ends in it holds rows of `width` cells as cell number `column` (from 0): a line
/// inside is one, or its first and last lines complete the row that it stands in. Blank lines do not count.
bool holds_rows(std::string_view cell, char delimiter, std::size_t column, std::size_t width);

/// What to do about text that is not in an encoding: "; if …", or nothing.
std::string encoding_advice(std::string_view encoding);

}  // namespace usher
