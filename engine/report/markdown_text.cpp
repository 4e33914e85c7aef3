#include "engine/report/markdown_text.hpp"

#include "engine/runtime/terminal_text.hpp"

namespace usher {

std::string markdown_text(std::string_view text) {
  std::string result;
  for (const char c : escaped(text)) {
    if (std::string_view("\\`*_{}[]<>()#+-.!|~&@").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

}  // namespace usher
