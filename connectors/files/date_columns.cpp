#include "connectors/files/date_columns.hpp"

#include <fmt/format.h>

#include "rules/cel/date_pattern.hpp"
#include "rules/cel/moment.hpp"

namespace usher {
namespace {

std::string_view trimmed_cell(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// 00/00/0000, 0000-00-00, 0: what systems write that cannot leave a date empty.
bool is_no_date(std::string_view text) {
  return text.find_first_not_of("0./-: ") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> iso_date(std::string_view cell, const std::vector<std::string>& patterns) {
  const std::string_view text = trimmed_cell(cell);
  if (is_no_date(text)) return std::string();
  for (const std::string& pattern : patterns) {
    const auto moment = cel::parse_date(text, pattern);
    if (!moment) continue;
    const bool timed = cel::reads_time(pattern) || moment->seconds % cel::seconds_per_day != 0;
    std::string made = cel::format_timestamp(*moment);
    if (!timed) made.resize(made.find('T'));
    return made;
  }
  return std::nullopt;
}

}  // namespace usher
