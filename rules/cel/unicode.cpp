#include "rules/cel/unicode.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

namespace usher::cel {

namespace {

/// Length and code point of what stands at `offset`; code -1 for a byte that is no UTF-8.
struct Decoded {
  std::size_t length;
  utf8proc_int32_t code;
};

Decoded decode(std::string_view text, std::size_t offset) {
  utf8proc_int32_t code = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + offset),
                                       static_cast<utf8proc_ssize_t>(text.size() - offset), &code);
  if (length <= 0) return {1, -1};
  return {static_cast<std::size_t>(length), code};
}

}  // namespace

bool is_ascii(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    if ((word & high_bits) != 0) return false;
  }
  return std::all_of(at, at + left, [](char c) { return static_cast<unsigned char>(c) < 128; });
}

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode(text, at);
    if (decoded.code < 0) return false;
    at += decoded.length;
  }
  return true;
}

std::size_t code_point_length(std::string_view text, std::size_t offset) {
  return offset < text.size() ? decode(text, offset).length : 0;
}

char32_t code_point(std::string_view text, std::size_t offset) {
  const auto code = decode(text, offset).code;
  return code < 0 ? U'\uFFFD' : static_cast<char32_t>(code);
}

void append_code_point(std::string& text, char32_t code) {
  utf8proc_uint8_t encoded[4];
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), encoded);
  text.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(length));
}

std::size_t count_code_points(std::string_view text) {
  if (is_ascii(text)) return text.size();
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at += code_point_length(text, at)) ++count;
  return count;
}

std::optional<std::size_t> byte_offset(std::string_view text, std::int64_t index) {
  if (index < 0) return std::nullopt;
  const auto positions = static_cast<std::size_t>(index);
  if (is_ascii(text.substr(0, positions)))
    return positions <= text.size() ? std::optional(positions) : std::nullopt;
  std::size_t at = 0;
  for (; index > 0; --index) {
    if (at >= text.size()) return std::nullopt;
    at += code_point_length(text, at);
  }
  return at;
}

std::size_t find_part(std::string_view text, std::string_view part, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (part.empty()) return from;
  if (part.size() > text.size() - from)
    return std::string_view::npos;  // also keeps memmem from a null pointer
  const char* const begin = text.data() + from;
  const void* found = part.size() == 1 ? std::memchr(begin, part.front(), text.size() - from)
                                       : memmem(begin, text.size() - from, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::string repaired(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string result;
  bool broken = false;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode(text, at);
    if (decoded.code >= 0) result.append(text.substr(at, decoded.length));
    if (decoded.code < 0 && !broken) append_code_point(result, U'\uFFFD');
    broken = decoded.code < 0;
    at += decoded.length;
  }
  return result;
}

}  // namespace usher::cel
