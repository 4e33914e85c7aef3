#pragma once

#include <string>
#include <string_view>

namespace usher {

/// Text inside of Markdown: what Markdown or HTML would read as its own is escaped, hidden characters are
/// shown.
std::string markdown_text(std::string_view text);

}  // namespace usher
