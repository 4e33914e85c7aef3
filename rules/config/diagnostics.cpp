#include <fmt/format.h>

#include <algorithm>

#include "rules/config.hpp"
#include "rules/config/lines.hpp"

namespace usher {
namespace {

constexpr std::size_t widest = 110;

/// A line a terminal can show: control characters become spaces, so columns stay and no escape gets through.
std::string printable(const std::string& line) {
  std::string shown = line;
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return shown;
}

/// Cuts a long line around a column (from 1); gives the column in what is left.
std::string around(const std::string& line, std::size_t column, std::size_t& left_column) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < line.size(); ++i)
    if (starts_character(line[i])) starts.push_back(i);
  left_column = std::min(column, starts.size() + 1);
  if (starts.size() <= widest) return line;
  const std::size_t first = left_column <= widest / 2 ? 0 : left_column - widest / 2;
  const std::size_t last = std::min(first + widest, starts.size());
  left_column -= first;
  std::string cut =
      line.substr(starts[first], (last < starts.size() ? starts[last] : line.size()) - starts[first]);
  if (first > 0) {
    cut = "…" + cut;
    ++left_column;
  }
  if (last < starts.size()) cut += "…";
  return cut;
}

}  // namespace

std::string to_string(const Diagnostic& mistake) {
  std::string text = mistake.place.to_string();
  text += text.empty() ? "" : ": ";
  text += mistake.message;
  if (mistake.line.empty() || mistake.place.column <= 0) return text;
  std::size_t column = 0;
  const std::string line =
      around(printable(mistake.line), static_cast<std::size_t>(mistake.place.column), column);
  const std::string number = std::to_string(mistake.place.line);
  text += fmt::format("\n {} | {}\n {:{}} | {:{}}^", number, line, "", number.size(), "", column - 1);
  return text;
}

}  // namespace usher
