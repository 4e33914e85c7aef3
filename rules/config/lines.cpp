#include <simdjson.h>

#include <array>
#include <cctype>

#include "rules/config/lines.hpp"

namespace usher {
namespace {

/// The sections whose lines are shown as they are; in every other place a secret could stand.
constexpr std::array<std::string_view, 6> open_sections = {"version",  "state",  "people",
                                                           "accounts", "tables", "tests"};

bool opens_section(const std::string& line) {
  return !line.empty() && line[0] != ' ' && line[0] != '\t' && line[0] != '#' && line[0] != '-';
}

bool is_open_section(const std::string& line) {
  for (const std::string_view section : open_sections)
    if (line.starts_with(section) && line.size() > section.size() && line[section.size()] == ':') return true;
  return false;
}

std::size_t skip_blanks(const std::string& line, std::size_t at) {
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return at;
}

/// The end of the value that starts at `at`: of the line, or inside {…} of the entry.
std::size_t value_end(const std::string& line, std::size_t at, bool in_braces) {
  if (!in_braces) return line.size();
  const char quote = line[at] == '"' || line[at] == '\'' ? line[at] : '\0';
  for (std::size_t i = at + 1; i < line.size(); ++i) {
    if (quote != '\0' ? line[i] == quote : line[i] == ',') return quote != '\0' ? i + 1 : i;
    if (quote == '\0' && line[i] == '}' && line[at] != '$') return i;
  }
  return line.size();
}

bool harmless(std::string_view key, std::string_view value) {
  const std::string_view name = key.substr(key.find_last_of(" \t{,") + 1);
  if (name == "connector" || name == "path" || name == "identity") return true;
  const bool quoted = value.size() > 2 && (value.front() == '"' || value.front() == '\'') &&
                      value.find(value.front(), 1) == value.size() - 1;
  if (quoted) value = value.substr(1, value.size() - 2);
  return value.starts_with("${") && value.find('}') == value.find_last_not_of(" \t");
}

/// Replaces what stands after each "key:" by stars; what follows keeps its column.
std::string masked(const std::string& line) {
  std::string shown;
  std::size_t at = 0;
  bool in_braces = false;
  while (at < line.size()) {
    std::size_t colon = at;
    while (colon < line.size() &&
           !(line[colon] == ':' && (colon + 1 == line.size() || line[colon + 1] == ' ')))
      ++colon;
    if (colon == line.size()) break;
    const std::size_t start = skip_blanks(line, colon + 1);
    shown.append(line, at, start - at);
    in_braces = in_braces || line.find('{', at) < colon;
    if (start == line.size()) return shown;
    if (line[start] == '{') {
      in_braces = true;
      shown += '{';
      at = start + 1;
      continue;
    }
    const std::size_t end = value_end(line, start, in_braces);
    const std::string_view value(line.data() + start, end - start);
    if (harmless(std::string_view(line).substr(0, colon), value)) {
      shown += value;
    } else {
      shown += "***";
      if (end < line.size() && value.size() > 3) shown.append(value.size() - 3, ' ');
    }
    at = end;
  }
  const std::string_view rest = std::string_view(line).substr(std::min(at, line.size()));
  const bool only_marks = rest.find_first_not_of(" \t{}[],") == std::string_view::npos;
  return shown + (only_marks || rest.starts_with('#') ? std::string(rest) : std::string("***"));
}

}  // namespace

std::vector<std::string> lines_for_messages(const std::string& text) {
  std::vector<std::string> lines;
  bool open = false;
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  while (at < text.size()) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    if (!simdjson::validate_utf8(line.data(), line.size()))
      for (char& c : line)
        if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    if (opens_section(line)) open = is_open_section(line);
    lines.push_back(open ? std::move(line) : masked(line));
    at = end + 1;
  }
  return lines;
}

std::size_t byte_of_column(const std::string& line, int column) {
  std::size_t at = 0;
  for (int left = column - 1; left > 0 && at < line.size(); --left) {
    ++at;
    while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

}  // namespace usher
