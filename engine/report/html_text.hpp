#pragma once

#include <string>
#include <string_view>

namespace usher {

/// A part of the HTML reports: "page", "style" or "script". Throws std::logic_error for another name.
std::string_view html_part(std::string_view name);

/// The source expression of a content security policy without its quotes and "sha256-": SHA-256 in base64.
std::string policy_hash(std::string_view text);

/// Text between two tags or in a quoted attribute: nothing of it is read as markup; hidden characters are
/// shown.
std::string html_text(std::string_view text);

}  // namespace usher
