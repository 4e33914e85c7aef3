#include "state/model/excerpt.hpp"

namespace usher {

std::size_t whole_characters(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text.size();
  constexpr std::size_t most_continuing = 3;  // bytes of one character; more of them are no UTF-8
  for (std::size_t end = longest; longest - end <= most_continuing; --end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) return end;
    if (end == 0) break;
  }
  return longest;
}

std::string excerpt(std::string_view text, std::size_t longest) {
  constexpr std::string_view left_out = "…";
  if (text.size() <= longest) return std::string(text);
  return std::string(text.substr(0, whole_characters(text, longest - left_out.size()))) +
         std::string(left_out);
}

}  // namespace usher
