#pragma once

#include <cstddef>
#include <string>
#include <vector>

// The lines of a configuration file, as messages show them.
namespace usher {

/// Splits a file into lines as messages show them: without line ends and byte order mark. Values of platform
/// options, which may be secrets somebody wrote down in the open, are masked.
std::vector<std::string> lines_for_messages(const std::string& text);

/// Whether a byte begins a character of UTF-8.
inline bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// The byte of a line at which a column (from 1, in characters) begins; the line's size when it has fewer.
std::size_t byte_of_column(const std::string& line, int column);

}  // namespace usher
