#pragma once

#include <string>
#include <string_view>

namespace usher {

/// The journal's message of an operation that is not done because what its plan relied on changed:
/// "stale: why".
std::string stale_message(std::string_view why);
/// Whether stale_message() wrote it.
bool is_stale_message(std::string_view message);

/// The journal's message of an operation that failed, and of which nothing can show whether it took effect:
/// "why; it may have happened".
std::string doubtful_message(std::string_view why);
/// Whether doubtful_message() wrote it.
bool is_doubtful_message(std::string_view message);

}  // namespace usher
