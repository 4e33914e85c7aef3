#include "rules/cel/moment.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

namespace usher::cel {

namespace {

constexpr std::int64_t first_second = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59Z

/// Reads a text from its front, piece by piece.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool skip(char expected) {
    if (peek() != expected || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool at_digit() const { return peek() >= '0' && peek() <= '9'; }
  int digit() {
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }
  /// Exactly `count` digits.
  std::optional<int> number(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (!at_digit()) return std::nullopt;
      value = value * 10 + digit();
    }
    return value;
  }

 private:
  std::string_view rest_;
};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// `+hh:mm` or `-hh:mm` (the sign may be left out) in seconds.
std::optional<std::int64_t> read_offset(Reader& reader) {
  const std::int64_t sign = reader.skip('-') ? -1 : 1;
  if (sign > 0) reader.skip('+');
  const auto hours = reader.number(2);
  if (!hours || !reader.skip(':')) return std::nullopt;
  const auto minutes = reader.number(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<std::uint32_t> read_fraction(Reader& reader) {
  if (!reader.at_digit()) return std::nullopt;
  std::uint32_t nanoseconds = 0;
  for (std::uint32_t unit = 100'000'000; reader.at_digit(); unit /= 10) {
    nanoseconds += static_cast<std::uint32_t>(reader.digit()) * unit;
  }
  return nanoseconds;
}

/// Nanoseconds in a unit of time, 0 when there is none.
std::int64_t read_unit(Reader& reader) {
  if (reader.skip("ns")) return 1;
  if (reader.skip("us") || reader.skip("µs") || reader.skip("μs")) return 1'000;
  if (reader.skip("ms")) return 1'000'000;
  if (reader.skip('s')) return nanoseconds_per_second;
  if (reader.skip('m')) return 60 * nanoseconds_per_second;
  if (reader.skip('h')) return 3600 * nanoseconds_per_second;
  return 0;
}

/// Billionths of a unit in nanoseconds; every unit above a second is whole seconds.
std::int64_t nanoseconds_in(std::int64_t unit, std::int64_t billionths) {
  if (unit < nanoseconds_per_second) return unit * billionths / nanoseconds_per_second;
  return unit / nanoseconds_per_second * billionths;
}

/// `.123` without trailing zeros, nothing for 0.
std::string fraction(std::uint32_t nanoseconds) {
  if (nanoseconds == 0) return {};
  std::string text = fmt::format(".{:09}", nanoseconds);
  text.resize(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace

bool in_range(Moment moment) {
  return moment.seconds >= first_second && moment.seconds <= last_second;
}

std::optional<Moment> midnight(Date date) {
  const std::chrono::year_month_day day{std::chrono::year{date.year}, std::chrono::month{date.month},
                                        std::chrono::day{date.day}};
  if (!day.ok()) return std::nullopt;
  const Moment moment{std::chrono::sys_days{day}.time_since_epoch().count() * seconds_per_day, 0};
  return in_range(moment) ? std::optional(moment) : std::nullopt;
}

Date date_of(Moment moment) {
  const std::chrono::sys_days days{
      std::chrono::days{static_cast<int>(floor_divide(moment.seconds, seconds_per_day))}};
  const std::chrono::year_month_day day{days};
  return {static_cast<int>(day.year()), static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day())};
}

std::optional<Moment> moved(Moment moment, std::int64_t nanoseconds) {
  const std::int64_t whole = floor_divide(nanoseconds, nanoseconds_per_second);
  const std::int64_t part = moment.nanoseconds + (nanoseconds - whole * nanoseconds_per_second);
  const Moment result{moment.seconds + whole + part / nanoseconds_per_second,
                      static_cast<std::uint32_t>(part % nanoseconds_per_second)};
  return in_range(result) ? std::optional(result) : std::nullopt;
}

std::optional<std::int64_t> span_between(Moment earlier, Moment later) {
  std::int64_t span = 0;
  const std::int64_t part =
      static_cast<std::int64_t>(later.nanoseconds) - static_cast<std::int64_t>(earlier.nanoseconds);
  if (__builtin_mul_overflow(later.seconds - earlier.seconds, nanoseconds_per_second, &span) ||
      __builtin_add_overflow(span, part, &span)) {
    return std::nullopt;
  }
  return span;
}

std::optional<Moment> moved_by_days(Moment moment, std::int64_t days) {
  if (days > 4'000'000 || days < -4'000'000) return std::nullopt;
  moment.seconds += days * seconds_per_day;
  return in_range(moment) ? std::optional(moment) : std::nullopt;
}

std::optional<Moment> moved_by_months(Moment moment, std::int64_t months) {
  if (months > 120'000 || months < -120'000) return std::nullopt;
  const Date from = date_of(moment);
  const std::int64_t month = from.year * 12 + static_cast<std::int64_t>(from.month) - 1 + months;
  Date to{static_cast<int>(floor_divide(month, 12)),
          static_cast<unsigned>(month - floor_divide(month, 12) * 12) + 1, from.day};
  auto start = midnight(to);
  while (!start && to.day > 28) {
    --to.day;
    start = midnight(to);
  }
  if (!start) return std::nullopt;
  const std::int64_t day = floor_divide(moment.seconds, seconds_per_day) * seconds_per_day;
  return Moment{start->seconds + moment.seconds - day, moment.nanoseconds};
}

std::optional<Moment> parse_timestamp(std::string_view text) {
  Reader reader(text);
  const auto year = reader.number(4);
  if (!year || !reader.skip('-')) return std::nullopt;
  const auto month = reader.number(2);
  if (!month || !reader.skip('-')) return std::nullopt;
  const auto day = reader.number(2);
  if (!day || !reader.skip('T')) return std::nullopt;
  const auto hours = reader.number(2);
  if (!hours || !reader.skip(':')) return std::nullopt;
  const auto minutes = reader.number(2);
  if (!minutes || !reader.skip(':')) return std::nullopt;
  const auto seconds = reader.number(2);
  if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 59) return std::nullopt;
  std::optional<std::uint32_t> nanoseconds = 0;
  if (reader.skip('.')) nanoseconds = read_fraction(reader);
  std::optional<std::int64_t> offset = 0;
  if (!reader.skip('Z')) {
    if (reader.peek() != '+' && reader.peek() != '-') return std::nullopt;
    offset = read_offset(reader);
  }
  if (!nanoseconds || !offset || !reader.done()) return std::nullopt;
  auto moment = midnight({*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)});
  if (!moment) return std::nullopt;
  moment->seconds += *hours * 3600 + *minutes * 60 + *seconds - *offset;
  moment->nanoseconds = *nanoseconds;
  return in_range(*moment) ? moment : std::nullopt;
}

std::string format_timestamp(Moment moment) {
  const Date date = date_of(moment);
  const std::int64_t second =
      moment.seconds - floor_divide(moment.seconds, seconds_per_day) * seconds_per_day;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", date.year, date.month, date.day, second / 3600,
                     second / 60 % 60, second % 60, fraction(moment.nanoseconds));
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  Reader reader(text);
  const bool negative = reader.skip('-');
  if (!negative) reader.skip('+');
  if (reader.skip('0') && reader.done()) return 0;
  reader = Reader(text.substr(!text.empty() && (text.front() == '-' || text.front() == '+') ? 1 : 0));
  if (reader.done()) return std::nullopt;
  std::int64_t total = 0;  // kept negative: the range reaches one further down
  while (!reader.done()) {
    std::int64_t whole = 0;
    bool digits = reader.at_digit();
    while (reader.at_digit()) {
      if (__builtin_mul_overflow(whole, 10, &whole) ||
          __builtin_sub_overflow(whole, reader.digit(), &whole)) {
        return std::nullopt;
      }
    }
    std::uint32_t billionths = 0;
    if (reader.skip('.')) {
      const auto part = read_fraction(reader);
      if (!part && !digits) return std::nullopt;
      billionths = part.value_or(0);
      digits = true;
    }
    const std::int64_t unit = digits ? read_unit(reader) : 0;
    if (unit == 0) return std::nullopt;
    const auto part = nanoseconds_in(unit, billionths);
    if (__builtin_mul_overflow(whole, unit, &whole) || __builtin_sub_overflow(whole, part, &whole) ||
        __builtin_add_overflow(total, whole, &total)) {
      return std::nullopt;
    }
  }
  if (negative) return total;
  if (total == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return -total;
}

std::string format_duration(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(nanoseconds) : static_cast<std::uint64_t>(nanoseconds);
  return fmt::format("{}{}{}s", negative ? "-" : "", size / nanoseconds_per_second,
                     fraction(static_cast<std::uint32_t>(size % nanoseconds_per_second)));
}

std::optional<std::int64_t> zone_offset(std::string_view zone, Moment moment) {
  if (zone == "UTC" || zone == "Z") return 0;
  if (zone.find(':') != std::string_view::npos) {
    Reader reader(zone);
    const auto offset = read_offset(reader);
    return reader.done() ? offset : std::nullopt;
  }
  try {
    const date::sys_seconds second{std::chrono::seconds{moment.seconds}};
    return date::locate_zone(zone)->get_info(second).offset.count();
  } catch (const std::runtime_error&) {  // no such zone, or no time zone database on this machine
    return std::nullopt;
  }
}

}  // namespace usher::cel
