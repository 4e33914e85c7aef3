#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace usher {

/// "500ms", "1.5s", "45m", "2h", "7d": a number that is not negative, and its unit; at most 36,500 days.
/// nullopt: anything else.
std::optional<std::chrono::milliseconds> read_duration(std::string_view text);

}  // namespace usher
