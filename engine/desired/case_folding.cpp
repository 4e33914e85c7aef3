#include "engine/desired/case_folding.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

using Letter = std::pair<std::string_view, std::string_view>;  // as UTF-8; what it folds into

constexpr std::array letters{
    Letter{"\xC4\xB0", "i"},      // U+0130
    Letter{"\xC4\xB1", "i"},      // U+0131
    Letter{"i\xCC\x87", "i"},     // what U+0130 is in lower case
    Letter{"\xC5\xBF", "s"},      // U+017F
    Letter{"\xE2\x84\xAA", "k"},  // U+212A
    Letter{"\xC3\x9F", "ss"},     // U+00DF
    Letter{"\xE1\xBA\x9E", "ss"}  // U+1E9E
};

const Letter* letter_at(std::string_view text) {
  const auto found = std::find_if(letters.begin(), letters.end(),
                                  [&](const Letter& letter) { return text.starts_with(letter.first); });
  return found == letters.end() ? nullptr : &*found;
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; });
}

std::string loosely_folded(std::string_view text) {
  if (is_ascii(text)) {  // nearly every text: as normalised() would
    constexpr std::string_view white = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    std::string lower(text.substr(first, text.find_last_not_of(white) - first + 1));
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
  }
  const std::string lower = normalised(text, {.trim = true, .lower = true});
  if (is_ascii(lower)) return lower;
  std::string folded;
  for (std::size_t i = 0; i < lower.size();) {
    const Letter* letter = letter_at(std::string_view(lower).substr(i));
    if (letter == nullptr) {
      folded += lower[i++];
    } else {
      folded += letter->second;
      i += letter->first.size();
    }
  }
  return folded;
}

bool surely_same(std::string_view a, std::string_view b) {
  if (is_ascii(a) && is_ascii(b)) return true;
  constexpr Normalisation trimmed{.trim = true};
  if (normalised(a, trimmed) == normalised(b, trimmed)) return true;
  if (is_ascii(a) != is_ascii(b)) return false;
  const auto special = [](std::string_view text) {
    std::string found;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (const Letter* letter = letter_at(text.substr(i)); letter != nullptr) found += letter->first;
    }
    return found;
  };
  return special(a) == special(b) &&
         normalised(a, {.trim = true, .lower = true}) == normalised(b, {.trim = true, .lower = true});
}

}  // namespace usher
