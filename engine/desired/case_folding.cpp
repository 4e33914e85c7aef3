#include "engine/desired/case_folding.hpp"

#include <algorithm>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

constexpr std::string_view dotless_i = "\xC4\xB1";  // U+0131
constexpr std::string_view dot_above = "\xCC\x87";  // U+0307, which the lower case of U+0130 has after its i

std::string trimmed(std::string_view text) {
  return normalised(text, {.trim = true});
}

std::string lower(std::string_view text) {
  return normalised(text, {.trim = true, .lower = true});
}

/// Turkish letters as what a platform that knows nothing of Turkish makes of them.
std::string without_turkish(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with(dotless_i)) {
      plain += 'i';
      ++i;
    } else if (rest.starts_with(dot_above) && plain.ends_with('i')) {
      ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// The letters that are something else once loosely folded than in lower case, or become ASCII.
std::string doubtful_letters(std::string_view text) {
  std::string found;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    const std::string_view letter = text.substr(at, end - at);
    at = end;
    if (is_plain(letter)) continue;
    const std::string folded = loosely_folded(letter);
    if (is_plain(folded) || folded != lower(letter)) found += letter;
  }
  return found;
}

}  // namespace

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string loosely_folded(std::string_view text) {
  if (is_plain(text)) {  // nearly every text: as normalised() would
    constexpr std::string_view white = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    std::string folded(text.substr(first, text.find_last_not_of(white) - first + 1));
    for (char& c : folded)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return folded;
  }
  return without_turkish(trimmed(without_unseen(nfkc_casefold(trimmed(text)))));
}

bool surely_same(std::string_view a, std::string_view b) {
  if (is_plain(a) && is_plain(b)) return true;
  if (trimmed(a) == trimmed(b)) return true;
  return lower(a) == lower(b) && doubtful_letters(a) == doubtful_letters(b);
}

}  // namespace usher
