#include "rules/cel/names.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "rules/cel/unicode.hpp"

namespace usher::cel {

namespace {

struct Spelling {
  char32_t letter;
  std::string_view ascii;
};

/// Letters that do not decompose into an ASCII letter and marks, sorted.
constexpr std::array<Spelling, 155> spellings{{
    {U'\u00A0', " "},    {U'\u00AA', "a"},  {U'\u00B7', "."},  {U'\u00BA', "o"},  {U'\u00C6', "AE"},
    {U'\u00D0', "D"},    {U'\u00D8', "O"},  {U'\u00DE', "Th"}, {U'\u00DF', "ss"}, {U'\u00E6', "ae"},
    {U'\u00F0', "d"},    {U'\u00F8', "o"},  {U'\u00FE', "th"}, {U'\u0110', "D"},  {U'\u0111', "d"},
    {U'\u0126', "H"},    {U'\u0127', "h"},  {U'\u0131', "i"},  {U'\u0138', "k"},  {U'\u0141', "L"},
    {U'\u0142', "l"},    {U'\u014A', "Ng"}, {U'\u014B', "ng"}, {U'\u0152', "OE"}, {U'\u0153', "oe"},
    {U'\u0166', "T"},    {U'\u0167', "t"},  {U'\u0180', "b"},  {U'\u0189', "D"},  {U'\u018F', "E"},
    {U'\u0192', "f"},    {U'\u0197', "I"},  {U'\u019A', "l"},  {U'\u01B5', "Z"},  {U'\u01B6', "z"},
    {U'\u0259', "e"},    {U'\u02B9', "'"},  {U'\u02BB', "'"},  {U'\u02BC', "'"},  {U'\u0391', "A"},
    {U'\u0392', "V"},    {U'\u0393', "G"},  {U'\u0394', "D"},  {U'\u0395', "E"},  {U'\u0396', "Z"},
    {U'\u0397', "I"},    {U'\u0398', "Th"}, {U'\u0399', "I"},  {U'\u039A', "K"},  {U'\u039B', "L"},
    {U'\u039C', "M"},    {U'\u039D', "N"},  {U'\u039E', "X"},  {U'\u039F', "O"},  {U'\u03A0', "P"},
    {U'\u03A1', "R"},    {U'\u03A3', "S"},  {U'\u03A4', "T"},  {U'\u03A5', "Y"},  {U'\u03A6', "F"},
    {U'\u03A7', "Ch"},   {U'\u03A8', "Ps"}, {U'\u03A9', "O"},  {U'\u03B1', "a"},  {U'\u03B2', "v"},
    {U'\u03B3', "g"},    {U'\u03B4', "d"},  {U'\u03B5', "e"},  {U'\u03B6', "z"},  {U'\u03B7', "i"},
    {U'\u03B8', "th"},   {U'\u03B9', "i"},  {U'\u03BA', "k"},  {U'\u03BB', "l"},  {U'\u03BC', "m"},
    {U'\u03BD', "n"},    {U'\u03BE', "x"},  {U'\u03BF', "o"},  {U'\u03C0', "p"},  {U'\u03C1', "r"},
    {U'\u03C2', "s"},    {U'\u03C3', "s"},  {U'\u03C4', "t"},  {U'\u03C5', "y"},  {U'\u03C6', "f"},
    {U'\u03C7', "ch"},   {U'\u03C8', "ps"}, {U'\u03C9', "o"},  {U'\u0402', "Dj"}, {U'\u0404', "Ye"},
    {U'\u0406', "I"},    {U'\u0408', "J"},  {U'\u0409', "Lj"}, {U'\u040A', "Nj"}, {U'\u040B', "C"},
    {U'\u040F', "Dz"},   {U'\u0410', "A"},  {U'\u0411', "B"},  {U'\u0412', "V"},  {U'\u0413', "G"},
    {U'\u0414', "D"},    {U'\u0415', "E"},  {U'\u0416', "Zh"}, {U'\u0417', "Z"},  {U'\u0418', "I"},
    {U'\u041A', "K"},    {U'\u041B', "L"},  {U'\u041C', "M"},  {U'\u041D', "N"},  {U'\u041E', "O"},
    {U'\u041F', "P"},    {U'\u0420', "R"},  {U'\u0421', "S"},  {U'\u0422', "T"},  {U'\u0423', "U"},
    {U'\u0424', "F"},    {U'\u0425', "Kh"}, {U'\u0426', "Ts"}, {U'\u0427', "Ch"}, {U'\u0428', "Sh"},
    {U'\u0429', "Shch"}, {U'\u042A', ""},   {U'\u042B', "Y"},  {U'\u042C', ""},   {U'\u042D', "E"},
    {U'\u042E', "Yu"},   {U'\u042F', "Ya"}, {U'\u0430', "a"},  {U'\u0431', "b"},  {U'\u0432', "v"},
    {U'\u0433', "g"},    {U'\u0434', "d"},  {U'\u0435', "e"},  {U'\u0436', "zh"}, {U'\u0437', "z"},
    {U'\u0438', "i"},    {U'\u043A', "k"},  {U'\u043B', "l"},  {U'\u043C', "m"},  {U'\u043D', "n"},
    {U'\u043E', "o"},    {U'\u043F', "p"},  {U'\u0440', "r"},  {U'\u0441', "s"},  {U'\u0442', "t"},
}};

/// The second half: Cyrillic from у on, and punctuation.
constexpr std::array<Spelling, 39> more_spellings{{
    {U'\u0443', "u"},   {U'\u0444', "f"},    {U'\u0445', "kh"}, {U'\u0446', "ts"}, {U'\u0447', "ch"},
    {U'\u0448', "sh"},  {U'\u0449', "shch"}, {U'\u044A', ""},   {U'\u044B', "y"},  {U'\u044C', ""},
    {U'\u044D', "e"},   {U'\u044E', "yu"},   {U'\u044F', "ya"}, {U'\u0452', "dj"}, {U'\u0454', "ye"},
    {U'\u0456', "i"},   {U'\u0458', "j"},    {U'\u0459', "lj"}, {U'\u045A', "nj"}, {U'\u045B', "c"},
    {U'\u045F', "dz"},  {U'\u0490', "G"},    {U'\u0491', "g"},  {U'\u1E9E', "SS"}, {U'\u2010', "-"},
    {U'\u2011', "-"},   {U'\u2012', "-"},    {U'\u2013', "-"},  {U'\u2014', "-"},  {U'\u2018', "'"},
    {U'\u2019', "'"},   {U'\u201A', "'"},    {U'\u201C', "\""}, {U'\u201D', "\""}, {U'\u201E', "\""},
    {U'\u2026', "..."}, {U'\u2032', "'"},    {U'\u2212', "-"},  {U'\u2044', "/"},
}};

std::optional<std::string_view> spelling(char32_t letter) {
  for (const auto& known : spellings) {
    if (known.letter == letter) return known.ascii;
  }
  for (const auto& known : more_spellings) {
    if (known.letter == letter) return known.ascii;
  }
  return std::nullopt;
}

/// How a language writes a letter where that differs from dropping its mark.
std::optional<std::string_view> spelling_in(std::string_view language, char32_t letter) {
  static constexpr std::array<Spelling, 6> german{
      {{U'ä', "ae"}, {U'ö', "oe"}, {U'ü', "ue"}, {U'Ä', "Ae"}, {U'Ö', "Oe"}, {U'Ü', "Ue"}}};
  static constexpr std::array<Spelling, 8> nordic{{{U'å', "aa"},
                                                   {U'Å', "Aa"},
                                                   {U'ä', "ae"},
                                                   {U'Ä', "Ae"},
                                                   {U'ö', "oe"},
                                                   {U'Ö', "Oe"},
                                                   {U'ø', "oe"},
                                                   {U'Ø', "Oe"}}};
  auto in = [&](const auto& table) -> std::optional<std::string_view> {
    for (const auto& known : table) {
      if (known.letter == letter) return known.ascii;
    }
    return std::nullopt;
  };
  if (language == "de") return in(german);
  if (language == "da" || language == "nb" || language == "nn" || language == "sv") return in(nordic);
  return std::nullopt;
}

std::optional<std::string> mapped(std::string_view text, utf8proc_option_t options) {
  utf8proc_uint8_t* result = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &result, options);
  if (size < 0) return std::nullopt;
  std::string copy(reinterpret_cast<const char*>(result), static_cast<std::size_t>(size));
  std::free(result);  // NOLINT: utf8proc allocates with malloc
  return copy;
}

bool is_mark(char32_t letter) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(letter));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

}  // namespace

std::size_t cost_of_marks(std::string_view text) {
  if (is_ascii(text)) return 0;
  std::size_t cost = 0, run = 0;
  for (std::size_t at = 0; at < text.size(); at += code_point_length(text, at)) {
    const auto letter = static_cast<utf8proc_int32_t>(code_point(text, at));
    run = utf8proc_get_property(letter)->combining_class != 0 ? run + 1 : 0;
    cost += run / 8;  // what the insertion of this one moves
  }
  return cost;
}

std::optional<std::string> folded_case(std::string_view text) {
  if (is_ascii(text)) {
    std::string lower(text);
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return lower;
  }
  return mapped(text, static_cast<utf8proc_option_t>(UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE | UTF8PROC_STABLE));
}

std::optional<std::string> composed_form(std::string_view text) {
  return mapped(text, static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
}

std::optional<char32_t> transliterate(std::string_view text, std::string_view language, std::string& out) {
  const auto composed = composed_form(text);
  if (!composed) return U'\uFFFD';
  for (std::size_t at = 0; at < composed->size(); at += code_point_length(*composed, at)) {
    const char32_t letter = code_point(*composed, at);
    if (letter < 128) {
      out += static_cast<char>(letter);
      continue;
    }
    auto known = spelling_in(language, letter);
    if (!known) known = spelling(letter);
    if (known) {
      out += *known;
      continue;
    }
    const auto parts =
        mapped(std::string_view(*composed).substr(at, code_point_length(*composed, at)),
               static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STABLE));
    if (!parts) return letter;
    for (std::size_t i = 0; i < parts->size(); i += code_point_length(*parts, i)) {
      const char32_t part = code_point(*parts, i);
      if (part < 128) {
        out += static_cast<char>(part);
      } else if (const auto spelt = spelling(part)) {
        out += *spelt;
      } else if (!is_mark(part)) {
        return letter;
      }
    }
  }
  return std::nullopt;
}

std::string login_name(std::string_view text, std::string_view separator) {
  std::string name;
  bool separated = false;  // a separator is due before the next letter
  auto append = [&](char c) {
    if (separated && !name.empty()) name += separator;
    separated = false;
    name += c;
  };
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') {
      append(static_cast<char>(c + ('a' - 'A')));
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') {
      append(c);
    } else if (c == ' ' || c == '\t' || c == '.' || (separator.size() == 1 && c == separator[0])) {
      separated = true;
    }
  }
  return name;
}

}  // namespace usher::cel
