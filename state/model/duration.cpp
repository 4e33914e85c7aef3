#include "state/model/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

namespace usher {

std::optional<std::chrono::milliseconds> read_duration(std::string_view text) {
  constexpr double longest = 36'500.0 * 86'400'000;
  static constexpr std::array<std::pair<std::string_view, double>, 5> units{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  double number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
  if (error != std::errc() || std::signbit(number) || !std::isfinite(number)) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  for (const auto& [name, factor] : units)
    if (unit == name && number * factor <= longest)
      return std::chrono::milliseconds(static_cast<std::int64_t>(number * factor));
  return std::nullopt;
}

}  // namespace usher
