#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace usher {

/// The present as RFC 3339 in UTC with milliseconds: "2026-11-21T21:44:00.123Z". Texts of this form sort by
/// time.
std::string now_text();

/// Seconds since 1970 of a text that now_text() wrote. Throws std::invalid_argument for anything else.
std::int64_t seconds_of(std::string_view text);

/// The text of seconds since 1970, as now_text() writes it: "2026-11-21T21:44:00.000Z".
std::string text_of(std::int64_t seconds);

/// Whether less than `span` and the rest of its second had passed between two texts of now_text(); never for
/// an empty span.
bool is_within(std::string_view since, std::chrono::seconds span, std::string_view then);

/// Seconds since some fixed point, for durations.
double monotonic_seconds();

}  // namespace usher
