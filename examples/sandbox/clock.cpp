#include "examples/sandbox/clock.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

namespace usher::sandbox {
namespace {
using std::chrono::sys_days;
constexpr std::int64_t million = 1'000'000;
}  // namespace

std::int64_t Clock::micros() const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count() + advanced_;
}

std::int64_t Clock::stamp() {
  if (counted_) return *counted_ += 1000;
  return last_ = std::max(last_ + 1, micros());
}

void Clock::advance(std::int64_t seconds) {
  advanced_ += seconds * million;
  if (counted_) *counted_ += seconds * million;
}

std::string rfc3339(std::int64_t micros) {
  if (micros <= 0) return "0001-01-01T00:00:00Z";
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const std::int64_t fraction = micros % million; fraction != 0) {
    text += fmt::format(".{:06}", fraction);
    while (text.back() == '0') text.pop_back();
  }
  return text + 'Z';
}

std::optional<std::int64_t> parse_rfc3339(const std::string& text) {
  int year = 0, hour = 0, minute = 0, second = 0, length = 0;
  unsigned month = 0, day = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second,
                  &length) != 6)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  std::int64_t fraction = 0;
  auto at = static_cast<std::size_t>(length);
  if (at < text.size() && text[at] == '.') {
    std::int64_t unit = million / 10;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10)
      fraction += (text[at] - '0') * unit;
  }
  if (text.substr(at) != "Z") return std::nullopt;
  if (year <= 1) return 0;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  return ((days * 24 + hour) * 60 + minute) * 60 * million + second * million + fraction;
}

}  // namespace usher::sandbox
