#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher::cel {

/// RFC 4648 §4, with padding.
std::string to_base64(std::string_view octets);
/// Padding may be left out; nothing for text that is no base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace usher::cel
