#include "engine/cli/until.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <sstream>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/duration.hpp"

namespace usher::cli {

namespace {

/// The whole text in one format of date::parse; nullopt: it is not.
template <class Time>
std::optional<Time> parsed(const char* format, const std::string& text) {
  std::istringstream stream(text);
  Time time{};
  stream >> date::parse(format, time);
  const bool whole = !stream.fail() && stream.peek() == std::istringstream::traits_type::eof();
  return whole ? std::optional(time) : std::nullopt;
}

/// "12h", "7d" in seconds.
std::optional<std::int64_t> span(const std::string& text) {
  if (!text.ends_with('h') && !text.ends_with('d')) return std::nullopt;
  const auto duration = read_duration(text);
  if (!duration || duration->count() == 0) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*duration).count();
}

}  // namespace

std::string until_text(std::string_view option, const std::string& text) {
  std::string end;
  if (const auto seconds = span(text)) {
    end = text_of(seconds_of(now_text()) + *seconds);
  } else if (const auto day = parsed<date::year_month_day>("%F", text); day && day->ok()) {
    end = date::format("%FT23:59:59Z", date::sys_days(*day));
  } else if (const auto time = parsed<date::sys_seconds>("%FT%TZ", text)) {
    end = text_of(time->time_since_epoch().count());
  } else {
    throw CommandError(ExitCode::usage,
                       fmt::format("--{}: '{}' is not a day such as 2026-12-31, a time such as "
                                   "2026-12-31T18:00:00Z or a span of whole hours or days such as 12h or 7d.",
                                   option, escaped(text)));
  }
  if (end <= now_text())
    throw CommandError(ExitCode::usage, fmt::format("--{}: {} is over already.", option, escaped(text)));
  return end;
}

}  // namespace usher::cli
