#pragma once

#include <string>
#include <string_view>

namespace usher {

/// Appends text as a JSON string, escaped as nlohmann::json::dump() does. REQUIRES: valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace usher
