#pragma once

#include <string>
#include <string_view>

namespace usher::cli {

/// The time that an option sets as an end, as RFC 3339: of a day (2026-12-31) its end, in UTC; a time as it
/// is (2026-12-31T18:00:00Z); of a span (12h, 7d) the time that it reaches from now. Throws
/// CommandError(usage) for anything else, and for what is over already.
std::string until_text(std::string_view option, const std::string& text);

}  // namespace usher::cli
