#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/cel/value.hpp"

namespace usher::cel {

/// Reads a date, and a time of day where the pattern has one: %Y (four digits) %y (two: 69 is 1969, 68 is
/// 2068) %m %d %H %I %M %S stand for numbers, %b for an English month (Jan, January), %p for AM or PM, all
/// else for itself. `31.12.2025` is read by `%d.%m.%Y`. The pattern `serial` reads the days that spreadsheets
/// count from 1900 on, with the time of day as a fraction.
std::optional<Moment> parse_date(std::string_view text, std::string_view pattern);

/// What is wrong with a pattern of parse_date(); empty: nothing.
std::string date_pattern_problem(std::string_view pattern);
/// Whether a pattern reads a time of day.
bool reads_time(std::string_view pattern);

}  // namespace usher::cel
