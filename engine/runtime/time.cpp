#include "engine/runtime/time.hpp"

#include <date/date.h>

#include <ctime>
#include <iomanip>
#include <sstream>
#include <stdexcept>

namespace usher {

std::string now_text() {
  const auto now = date::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return date::format("%FT%TZ", now);
}

std::string text_of(std::int64_t seconds) {
  const date::sys_time<std::chrono::milliseconds> at{std::chrono::seconds(seconds)};
  return date::format("%FT%TZ", at);
}

bool is_within(std::string_view since, std::chrono::seconds span, std::string_view then) {
  return span.count() > 0 && then < text_of(seconds_of(since) + 1 + span.count());
}

std::int64_t seconds_of(std::string_view text) {
  std::istringstream stream{std::string(text.substr(0, text.find('.')))};
  std::tm parts{};
  stream >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  if (stream.fail()) throw std::invalid_argument("not a time: '" + std::string(text) + "'");
  return timegm(&parts);
}

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace usher
