#include "connectors/files/csv_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <vector>

namespace usher {
namespace {

constexpr std::array<std::string_view, 3> invisible = {"\u200B", "\u2060", "\uFEFF"};
constexpr std::array<std::string_view, 4> blanks = {" ", "\t", "\u00A0", "\u3000"};

template <std::size_t N>
std::size_t begins_with(std::string_view text, const std::array<std::string_view, N>& characters) {
  for (const std::string_view one : characters)
    if (text.starts_with(one)) return one.size();
  return 0;
}

template <std::size_t N>
std::size_t ends_with(std::string_view text, const std::array<std::string_view, N>& characters) {
  for (const std::string_view one : characters)
    if (text.ends_with(one)) return one.size();
  return 0;
}

/// Takes blanks and what cannot be seen off both ends.
struct Ends {
  std::string before, after;  ///< the blanks
  std::string_view middle;

  explicit Ends(std::string_view text) : middle(text) {
    while (true) {
      const std::size_t blank = begins_with(middle, blanks);
      const std::size_t size = blank > 0 ? blank : begins_with(middle, invisible);
      if (size == 0) break;
      before += middle.substr(0, blank);
      middle.remove_prefix(size);
    }
    while (true) {
      const std::size_t blank = ends_with(middle, blanks);
      const std::size_t size = blank > 0 ? blank : ends_with(middle, invisible);
      if (size == 0) break;
      after.insert(0, middle.substr(middle.size() - blank));
      middle.remove_suffix(size);
    }
  }
};

bool plain_end(char c) {
  return static_cast<unsigned char>(c) < 0x80 && c != ' ' && c != '\t';
}

}  // namespace

bool is_utf8(std::string_view text) {
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii || simdjson::validate_utf8(text.data(), text.size());
}

bool has_plain_ends(std::string_view text) {
  return text.empty() || (plain_end(text.front()) && plain_end(text.back()));
}

std::string without_invisible_ends(std::string_view text) {
  if (has_plain_ends(text)) return std::string(text);
  const Ends ends(text);
  return ends.before + std::string(ends.middle) + ends.after;
}

std::string without_blanks(std::string_view text) {
  return std::string(Ends(text).middle);
}

std::optional<char> likely_delimiter(std::string_view line, char used) {
  for (const char candidate : {';', ',', '\t', '|'})
    if (candidate != used && line.find(candidate) != std::string_view::npos) return candidate;
  return std::nullopt;
}

namespace {

std::vector<std::string_view> lines_of(std::string_view cell) {
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cell.size(); ++i) {
    if (i < cell.size() && cell[i] != '\n' && cell[i] != '\r') continue;
    const std::string_view line = cell.substr(begin, i - begin);
    const bool blank = line.find_first_not_of(" \t") == std::string_view::npos;
    if (!blank || lines.empty()) lines.push_back(line);
    begin = i + 1;
  }
  return lines;
}

/// Whether a line begins with what may be a key, and is no sentence: "12345, Town" is one.
bool begins_like_a_row(std::string_view line, char delimiter) {
  const std::string_view first = line.substr(0, line.find(delimiter));
  const std::string spaced{delimiter, ' '};
  return !first.empty() && first.find(' ') == std::string_view::npos &&
         line.find(spaced) == std::string_view::npos;
}

}  // namespace

bool holds_rows(std::string_view cell, char delimiter, std::size_t column, std::size_t width) {
  if (cell.find_first_of("\r\n") == std::string_view::npos) return false;
  const std::vector<std::string_view> lines = lines_of(cell);
  if (lines.size() < 2) return false;
  const std::size_t full = width - 1;
  const auto count = [&](std::string_view line) {
    return static_cast<std::size_t>(std::count(line.begin(), line.end(), delimiter));
  };
  const bool ends_with_break = cell.back() == '\n' || cell.back() == '\r';
  const bool joined =
      !ends_with_break && count(lines.front()) == full - column && count(lines.back()) == column;
  if (joined && begins_like_a_row(lines.back(), delimiter)) return true;
  bool all_full = true;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const bool is_full = count(lines[i]) == full;
    if (is_full && full > 0 && begins_like_a_row(lines[i], delimiter)) return true;
    all_full = all_full && is_full;
  }
  return joined && all_full;
}

std::string encoding_advice(std::string_view encoding) {
  return encoding == "UTF-8" ? "; 'encoding' says what it is: windows-1252 for most files of spreadsheets"
                             : "";
}

}  // namespace usher
