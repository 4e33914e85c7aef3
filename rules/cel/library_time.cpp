#include <fmt/format.h>

#include "rules/cel/library.hpp"
#include "rules/cel/moment.hpp"
#include "rules/cel/unicode.hpp"
#include "state/model/excerpt.hpp"

// What timestamps and durations are asked for.
namespace usher::cel {

namespace {

using Arguments = std::span<const Value>;

/// A moment as clocks and calendars of a time zone show it.
struct Local {
  Date date;
  std::int64_t second_of_day;
  std::int64_t day;  // days since 1970-01-01
  std::uint32_t nanoseconds;
};

Local local(Moment moment) {
  const Date date = date_of(moment);
  std::int64_t day = moment.seconds / seconds_per_day;
  if (moment.seconds % seconds_per_day < 0) --day;
  return {date, moment.seconds - day * seconds_per_day, day, moment.nanoseconds};
}

/// The part of a timestamp that `pick` chooses, in UTC or in the time zone of the second argument.
template <typename Pick>
Value part(Context& context, Arguments arguments, Pick pick) {
  Moment moment = arguments[0].as_timestamp();
  if (arguments.size() > 1) {
    const auto offset = zone_offset(arguments[1].as_string(), moment);
    if (!offset) {
      return context.error(
          fmt::format("no time zone '{}'", repaired(excerpt(arguments[1].as_string(), 100))));
    }
    moment.seconds += *offset;
  }
  return Value::integer(pick(local(moment)));
}

Value full_year(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.date.year; });
}
Value month(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.date.month - 1; });
}
Value date_of_month(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.date.day; });
}
Value day_of_month(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.date.day - 1; });
}
Value day_of_week(Context& context, Arguments arguments) {
  return part(context, arguments,
              [](const Local& l) { return ((l.day + 4) % 7 + 7) % 7; });  // day 0: a Thursday
}
Value day_of_year(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) {
    static constexpr int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const bool leap = (l.date.year % 4 == 0 && l.date.year % 100 != 0) || l.date.year % 400 == 0;
    return before[l.date.month - 1] + static_cast<int>(l.date.day) - 1 + (leap && l.date.month > 2 ? 1 : 0);
  });
}
Value hours(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.second_of_day / 3600; });
}
Value minutes(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.second_of_day / 60 % 60; });
}
Value seconds(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.second_of_day % 60; });
}
Value milliseconds(Context& context, Arguments arguments) {
  return part(context, arguments, [](const Local& l) { return l.nanoseconds / 1'000'000; });
}

/// Of durations: how many whole units they have, except for milliseconds, which are those within the second.
template <std::int64_t unit>
Value whole(Context&, Arguments arguments) {
  return Value::integer(arguments[0].as_duration() / (unit * nanoseconds_per_second));
}

Value milliseconds_within(Context&, Arguments arguments) {
  return Value::integer(arguments[0].as_duration() / 1'000'000 % 1000);
}

constexpr Definition time_definitions[] = {
    {"timestamp.getFullYear() -> int", full_year},
    {"timestamp.getFullYear(string) -> int", full_year},
    {"timestamp.getMonth() -> int", month},
    {"timestamp.getMonth(string) -> int", month},
    {"timestamp.getDate() -> int", date_of_month},
    {"timestamp.getDate(string) -> int", date_of_month},
    {"timestamp.getDayOfMonth() -> int", day_of_month},
    {"timestamp.getDayOfMonth(string) -> int", day_of_month},
    {"timestamp.getDayOfWeek() -> int", day_of_week},
    {"timestamp.getDayOfWeek(string) -> int", day_of_week},
    {"timestamp.getDayOfYear() -> int", day_of_year},
    {"timestamp.getDayOfYear(string) -> int", day_of_year},
    {"timestamp.getHours() -> int", hours},
    {"timestamp.getHours(string) -> int", hours},
    {"timestamp.getMinutes() -> int", minutes},
    {"timestamp.getMinutes(string) -> int", minutes},
    {"timestamp.getSeconds() -> int", seconds},
    {"timestamp.getSeconds(string) -> int", seconds},
    {"timestamp.getMilliseconds() -> int", milliseconds},
    {"timestamp.getMilliseconds(string) -> int", milliseconds},
    {"duration.getHours() -> int", whole<3600>},
    {"duration.getMinutes() -> int", whole<60>},
    {"duration.getSeconds() -> int", whole<1>},
    {"duration.getMilliseconds() -> int", milliseconds_within},
};

}  // namespace

std::span<const Definition> time_functions() {
  return time_definitions;
}

}  // namespace usher::cel
