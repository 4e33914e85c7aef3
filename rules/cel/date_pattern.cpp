#include "rules/cel/date_pattern.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "rules/cel/moment.hpp"

namespace usher::cel {
namespace {

constexpr std::string_view conversions = "YymdbHIMSp";
constexpr std::array<std::string_view, 12> months = {"january",   "february", "march",    "april",
                                                     "may",       "june",     "july",     "august",
                                                     "september", "october",  "november", "december"};
constexpr std::size_t short_month = 3;  // letters

bool is_figure(char c) {
  return c >= '0' && c <= '9';
}

char small_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool takes(std::string_view& text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (small_letter(text[i]) != word[i]) return false;
  text.remove_prefix(word.size());
  return true;
}

/// From `least` to `most` digits.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  int value = 0;
  std::size_t digits = 0;
  for (; digits < most && !text.empty() && is_figure(text.front()); ++digits) {
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return digits >= least ? std::optional(value) : std::nullopt;
}

std::optional<int> take_month(std::string_view& text) {
  for (std::size_t i = 0; i < months.size(); ++i)
    if (takes(text, months[i])) return static_cast<int>(i) + 1;
  for (std::size_t i = 0; i < months.size(); ++i)
    if (takes(text, months[i].substr(0, short_month))) return static_cast<int>(i) + 1;
  return std::nullopt;
}

/// The parts of a date as they are read.
struct Parts {
  int year = 0, month = 1, day = 1;
  int hours = 0, minutes = 0, seconds = 0;
  bool twelve = false;
  std::optional<bool> afternoon;

  bool take(char conversion, std::string_view& text);
  std::optional<Moment> moment() const;
};

bool Parts::take(char conversion, std::string_view& text) {
  const auto put = [](int& part, std::optional<int> number) {
    if (number) part = *number;
    return number.has_value();
  };
  switch (conversion) {
    case 'Y':
      return put(year, take_number(text, 4, 4));
    case 'y':
      if (!put(year, take_number(text, 2, 2))) return false;
      year += year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return put(month, take_number(text, 1, 2));
    case 'b':
      return put(month, take_month(text));
    case 'd':
      return put(day, take_number(text, 1, 2));
    case 'I':
      twelve = true;
      return put(hours, take_number(text, 1, 2)) && hours >= 1 && hours <= 12;
    case 'H':
      return put(hours, take_number(text, 1, 2));
    case 'M':
      return put(minutes, take_number(text, 1, 2));
    case 'S':
      return put(seconds, take_number(text, 1, 2));
    case 'p':
      afternoon = takes(text, "pm");
      return *afternoon || takes(text, "am");
    default:
      return false;
  }
}

std::optional<Moment> Parts::moment() const {
  const int hour = twelve && afternoon ? hours % 12 + (*afternoon ? 12 : 0) : hours;
  if (hour > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  auto made = midnight({year, static_cast<unsigned>(month), static_cast<unsigned>(day)});
  if (made) made->seconds += hour * 3600 + minutes * 60 + seconds;
  return made;
}

/// Spreadsheets count the day that 1900 did not have: from March 1900 on the count begins with 1899-12-30.
std::optional<Moment> serial_date(std::string_view text) {
  constexpr double first_march_1900 = 61, end_of_9999 = 2'958'466;
  if (text.empty() || text.size() > 24 || text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  char* end = nullptr;
  const std::string copy(text);
  const double days = std::strtod(copy.c_str(), &end);
  if (*end != '\0' || days < first_march_1900 || days >= end_of_9999) return std::nullopt;
  auto moment = midnight({1899, 12, 30});
  if (moment) moment->seconds += std::llround(days * static_cast<double>(seconds_per_day));
  return moment;
}

}  // namespace

std::optional<Moment> parse_date(std::string_view text, std::string_view pattern) {
  if (pattern == "serial") return serial_date(text);
  Parts parts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%') {
      if (++i == pattern.size() || !parts.take(pattern[i], text)) return std::nullopt;
    } else if (text.empty() || text.front() != pattern[i]) {
      return std::nullopt;
    } else {
      text.remove_prefix(1);
    }
  }
  return text.empty() ? parts.moment() : std::nullopt;
}

std::string date_pattern_problem(std::string_view pattern) {
  if (pattern == "serial") return {};
  bool any = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (++i == pattern.size() || conversions.find(pattern[i]) == std::string_view::npos)
      return fmt::format("'%{}' is none of %Y %y %m %d %b %H %I %M %S %p",
                         i < pattern.size() ? std::string(1, pattern[i]) : std::string());
    any = true;
  }
  return any ? std::string() : "it has none of %Y %y %m %d %b %H %I %M %S %p, and is not 'serial'";
}

bool reads_time(std::string_view pattern) {
  for (const std::string_view part : {"%H", "%I", "%M", "%S"})
    if (pattern.find(part) != std::string_view::npos) return true;
  return false;
}

}  // namespace usher::cel
