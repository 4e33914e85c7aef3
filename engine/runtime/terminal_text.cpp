#include "engine/runtime/terminal_text.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

namespace usher {

namespace {

/// Code points that change how what follows is shown, or that nobody can see. before: the one before; 0:
/// none.
bool hidden(utf8proc_int32_t point, utf8proc_int32_t before) {
  constexpr utf8proc_int32_t non_joiner = 0x200C, joiner = 0x200D, soft_hyphen = 0xAD;
  if (point == joiner || point == non_joiner) return before < 0x80;  // emoji and Arabic letters are joined
  if (point == soft_hyphen) return false;
  for (const utf8proc_int32_t filler : {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0}) {
    if (point == filler) return true;
  }
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    case UTF8PROC_CATEGORY_CF:
      // Signs that stand before Arabic, Syriac and Kaithi numbers are seen; everything else is not.
      return !((point >= 0x0600 && point <= 0x0605) || point == 0x06DD || point == 0x070F ||
               point == 0x08E2 || point == 0x110BD || point == 0x110CD);
    default:
      return false;
  }
}

std::string escape(utf8proc_int32_t point) {
  switch (point) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return fmt::format("\\u{:04x}", point);
  }
}

/// One character and how many bytes it takes; -1 and one byte where the text is not UTF-8.
std::pair<utf8proc_int32_t, std::size_t> first_character(std::string_view text) {
  utf8proc_int32_t point = -1;
  const auto used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &point);
  return used > 0 ? std::pair{point, static_cast<std::size_t>(used)} : std::pair{-1, std::size_t{1}};
}

std::size_t columns_of(utf8proc_int32_t point) {
  return point < 0 ? 1 : static_cast<std::size_t>(utf8proc_charwidth(point));
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto [point, bytes] = first_character(text);
    width += columns_of(point);
    text.remove_prefix(bytes);
  }
  return width;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  utf8proc_int32_t before = 0;
  while (!text.empty()) {
    const auto [point, bytes] = first_character(text);
    if (point < 0) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else {
      result += hidden(point, before) ? escape(point) : std::string(text.substr(0, bytes));
    }
    before = point;
    text.remove_prefix(bytes);
  }
  return result;
}

std::string escaped_lines(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    result += escaped(text.substr(0, end));
    if (end < text.size()) result += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string clipped(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  while (end < text.size()) {
    const auto [point, bytes] = first_character(text.substr(end));
    if (columns_of(point) > columns) break;
    columns -= columns_of(point);
    end += bytes;
  }
  return std::string(text.substr(0, end));
}

std::string with_separators(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
  return digits;
}

std::string ordinal(std::uint64_t number) {
  const std::uint64_t tens = number % 100, ones = number % 10;
  const char* ending = tens >= 11 && tens <= 13 ? "th"
                       : ones == 1              ? "st"
                       : ones == 2              ? "nd"
                       : ones == 3              ? "rd"
                                                : "th";
  return fmt::format("{}{}", number, ending);
}

std::string pluralised(std::uint64_t number, std::string_view singular, std::string_view plural) {
  return with_separators(number) + " " + std::string(number == 1 ? singular : plural);
}

std::string duration_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", std::max(seconds, 0.0));
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

std::string Ink::paint(std::string_view code, std::string_view text) const {
  return on_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

namespace {
/// A longer cell moves what stands behind it in its own line, not in all of them.
constexpr std::size_t widest_column = 100;
}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      if (width_of(row[i]) <= widest_column) widths[i] = std::max(widths[i], width_of(row[i]));
  return widths;
}

std::string Table::cells(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
                         std::size_t first, std::size_t end) const {
  std::string line;
  for (std::size_t i = first; i < end; ++i) {
    const std::string padding(widths[i] - std::min(widths[i], width_of(row[i])), ' ');
    line += columns_[i] == Align::left ? row[i] + padding : padding + row[i];
    line += "  ";
  }
  return line;
}

std::string Table::text(std::size_t indent) const {
  const std::vector<std::size_t> widths = this->widths();
  std::string result;
  for (const auto& row : rows_) {
    std::string line = std::string(indent, ' ') + cells(row, widths, 0, std::min(row.size(), widths.size()));
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  }
  return result;
}

std::string Table::text_within(std::size_t columns, std::size_t indent) const {
  if (columns == 0) return text(indent);
  const std::vector<std::size_t> widths = this->widths();
  const std::size_t last = widths.size() - 1;
  std::vector<std::size_t> lines{0};  // where the columns before the last begin a line
  std::size_t begin = indent;
  for (std::size_t i = 0; i < last; ++i) {
    if (i > lines.back() && begin + widths[i] > columns) {
      lines.push_back(i);
      begin = indent + 4;
    }
    begin += widths[i] + 2;
  }
  constexpr std::size_t least_room = 24;
  const bool beside = begin + least_room <= columns;
  std::string result;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t end = std::min(i + 1 < lines.size() ? lines[i + 1] : last, row.size());
      if (i > 0) line.erase(line.find_last_not_of(' ') + 1);
      line += (i > 0 ? "\n" + std::string(indent + 4, ' ') : std::string(indent, ' ')) +
              cells(row, widths, std::min(lines[i], end), end);
    }
    if (row.size() > last && begin + width_of(row[last]) <= columns) {
      line += cells(row, widths, last, last + 1);
    } else if (row.size() > last && beside) {
      line += wrapped(row[last], columns - begin, begin);
    } else if (row.size() > last) {
      line.erase(line.find_last_not_of(' ') + 1);
      line += "\n" + std::string(indent + 4, ' ') + wrapped(row[last], columns - indent - 4, indent + 4);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  }
  return result;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t first) {
  std::string result;
  std::size_t column = 0, room = first == 0 ? width : first;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t wide = width_of(word);
    if (column != 0 && column + 1 + wide > room) {
      result += "\n" + std::string(indent, ' ');
      column = 0;
      room = width;
    } else if (column != 0) {
      result += ' ';
      ++column;
    }
    result += word;
    column += wide;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string wrapped_lines(std::string_view lines, std::size_t columns) {
  if (columns == 0) return std::string(lines);
  std::string result;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    result += line.substr(0, indent);
    result += width_of(line) <= columns || indent + 4 >= columns
                  ? std::string(line.substr(indent))
                  : wrapped(line.substr(indent), columns - indent - 4, indent + 4, columns - indent);
    if (end < lines.size()) result += '\n';
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return result;
}

}  // namespace usher
