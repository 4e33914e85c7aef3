#include "state/model/json_string.hpp"

#include <cstdint>
#include <cstring>

namespace usher {

namespace {

// Whether eight characters can stand in a JSON string as they are: none below a blank, no quote, no
// backslash.
bool is_plain(const char* text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  const auto zero_in = [](std::uint64_t bytes) { return (bytes - ones) & ~bytes & tops; };
  const std::uint64_t control = (word - ones * 0x20) & ~word & tops;
  return (control | zero_in(word ^ (ones * '"')) | zero_in(word ^ (ones * '\\'))) == 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  static constexpr char after_backslash[] = "\b\f\n\r\t\"\\";
  static constexpr char letter[] = "bfnrt\"\\";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (i + 8 <= text.size() && is_plain(text.data() + i)) i += 8;
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out += '\\';
    if (const char* known = std::char_traits<char>::find(after_backslash, 7, text[i])) {
      out += letter[known - after_backslash];
    } else {
      out += "u00";
      out += digits[c >> 4];
      out += digits[c & 15];
    }
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

}  // namespace usher
