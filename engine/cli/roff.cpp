#include "engine/cli/roff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/runtime/version.hpp"

namespace usher::cli {

namespace {

/// The day the text of the pages was last reviewed: pages must not differ between two builds of one source.
constexpr std::string_view date = "2026-11-26";

}  // namespace

std::string roff(std::string_view text) {
  std::string result;
  if (text.starts_with('.') || text.starts_with('\'')) result = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c == '\n' ? ' ' : c;
    }
  }
  return result;
}

std::string marked(std::string_view text) {
  std::string result;
  bool code = false;
  while (true) {
    const std::size_t end = std::min(text.find('`'), text.size());
    result += roff(text.substr(0, end));
    if (end == text.size()) return code ? result + "\\fR" : result;
    code = !code;
    result += code ? "\\fB" : "\\fR";
    text.remove_prefix(end + 1);
  }
}

std::string roff_paragraphs(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    result += (result.empty() ? "" : ".PP\n") + marked(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return result;
}

std::string page_head(const std::string& name, std::string_view summary, int section) {
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return fmt::format(".TH {} {} {} \"usher {}\" \"Usher manual\"\n.SH NAME\n{} \\- {}\n", roff(upper),
                     section, date, version(), roff(name), marked(summary));
}

}  // namespace usher::cli
