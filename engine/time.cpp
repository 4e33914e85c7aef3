#include "engine/time.hpp"

#include <date/date.h>

#include <sstream>
#include <stdexcept>

namespace usher {

std::string now_text() {
  const auto now = date::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return date::format("%FT%TZ", now);
}

std::int64_t seconds_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  date::sys_time<std::chrono::milliseconds> time;
  stream >> date::parse("%FT%TZ", time);
  if (stream.fail()) throw std::invalid_argument("not a time: '" + std::string(text) + "'");
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace usher
