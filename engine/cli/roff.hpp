#pragma once

#include <string>
#include <string_view>

namespace usher::cli {

/// One line of text for troff: backslashes, hyphens and a control character at the beginning are escaped.
std::string roff(std::string_view text);

/// Text in which `code` stands in backquotes: such parts become bold.
std::string marked(std::string_view text);

/// Such text, with empty lines between paragraphs.
std::string roff_paragraphs(std::string_view text);

/// The title of a page and its section NAME.
std::string page_head(const std::string& name, std::string_view summary, int section = 1);

}  // namespace usher::cli
