#include "examples/sandbox/text.hpp"

#include <algorithm>
#include <cstdint>

namespace usher::sandbox {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void append_escaped(std::string& out, char letter) {
  switch (letter) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex_digits[static_cast<unsigned char>(letter) >> 4];
      out += hex_digits[static_cast<unsigned char>(letter) & 15];
  }
}

char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}

}  // namespace

void append_quoted(std::string& out, std::string_view text, Escapes escapes) {
  out += '"';
  std::size_t plain = 0;  // where the run of characters that need no escape began
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    const bool special = letter == '"' || letter == '\\' || static_cast<unsigned char>(letter) < 0x20 ||
                         (escapes == Escapes::html && (letter == '<' || letter == '>' || letter == '&'));
    if (!special) continue;
    out.append(text, plain, i - plain);
    append_escaped(out, letter);
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

void append_name(std::string& out, std::string_view name) {
  if (!out.empty() && out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

void append_member(std::string& out, std::string_view name, std::string_view text, Escapes escapes) {
  append_name(out, name);
  append_quoted(out, text, escapes);
}

std::string base64url(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
    for (held += 8; held >= 6; held -= 6) out += url_alphabet[(bits >> (held - 6)) & 63];
  }
  if (held > 0) out += url_alphabet[(bits << (6 - held)) & 63];
  return out;
}

std::string base64_decode(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (char letter : text) {
    if (letter == '+') letter = '-';
    if (letter == '/') letter = '_';
    const std::size_t value = url_alphabet.find(letter);
    if (value == std::string_view::npos) continue;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 255);
    }
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

bool contains_folded(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char left, char right) { return to_lower(left) == to_lower(right); }) != text.end();
}

}  // namespace usher::sandbox
