#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace usher {

/// The text, or its beginning with "…" behind it: at most `longest` bytes in all. Never ends inside a
/// character of UTF-8, so that valid text stays valid. REQUIRES: longest is at least 3.
std::string excerpt(std::string_view text, std::size_t longest);

/// How many bytes the whole characters at the beginning of a text take, at most `longest`.
std::size_t whole_characters(std::string_view text, std::size_t longest);

}  // namespace usher
