#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/cel/value.hpp"

namespace usher::cel {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;

/// Year, month (1 to 12) and day (1 to 31) of the proleptic Gregorian calendar.
struct Date {
  int year = 1970;
  unsigned month = 1, day = 1;
};

/// Whether a moment lies in the years 1 to 9999.
bool in_range(Moment moment);
/// Midnight UTC of that day; nothing when there is no such day or it lies outside the years 1 to 9999.
std::optional<Moment> midnight(Date date);
Date date_of(Moment moment);

/// `moment` moved by a span of nanoseconds; nothing when that leaves the years 1 to 9999.
std::optional<Moment> moved(Moment moment, std::int64_t nanoseconds);
/// The span from `earlier` to `later` in nanoseconds; nothing when it exceeds 64 bits (about 292 years).
std::optional<std::int64_t> span_between(Moment earlier, Moment later);

/// Moved by calendar days, or by months: the 31st becomes the last day of a shorter month. Nothing outside
/// the years 1 to 9999.
std::optional<Moment> moved_by_days(Moment moment, std::int64_t days);
std::optional<Moment> moved_by_months(Moment moment, std::int64_t months);

/// RFC 3339: `2024-02-29T23:59:59.5+01:00`.
std::optional<Moment> parse_timestamp(std::string_view text);
std::string format_timestamp(Moment moment);

/// Numbers with units h, m, s, ms, us (µs), ns, as in `1h30m` or `-1.5s`; nanoseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
/// In seconds: `5400s`, `-1.5s`.
std::string format_duration(std::int64_t nanoseconds);

/// How many seconds local time is ahead of UTC at that moment, in a zone by name (`Europe/Paris`, `UTC`) or
/// fixed offset (`+02:00`, `-09:30`); nothing when there is no such zone.
std::optional<std::int64_t> zone_offset(std::string_view zone, Moment moment);

}  // namespace usher::cel
