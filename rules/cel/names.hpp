#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher::cel {

/// How much work it is to bring the combining marks of a text into their order, in steps: they are inserted
/// one by one, so that a run of them costs the square of its length.
std::size_t cost_of_marks(std::string_view text);

/// Unicode case folding, composed (NFC): texts that differ in case only fold to the same. Nothing for broken
/// UTF-8.
std::optional<std::string> folded_case(std::string_view text);
/// The composed form (NFC). Nothing for broken UTF-8.
std::optional<std::string> composed_form(std::string_view text);

/// Appends `text` in ASCII: marks dropped (é → e), letters that are no marked ones spelt out (ß → ss, Ł → L,
/// Æ → AE), Greek and Cyrillic by sound. `language` "de" writes ä, ö, ü as ae, oe, ue; "da", "nb", "nn" and
/// "sv" write å as aa. Gives the first code point that has no such spelling, nothing when all have.
std::optional<char32_t> transliterate(std::string_view text, std::string_view language, std::string& out);

/// What remains of an ASCII text as a login: small letters, digits, `-`, `_` and `.`; each run of blanks, and
/// each run of separators, is one separator, none at the ends. Apostrophes and what else has no place are
/// left out.
std::string login_name(std::string_view text, std::string_view separator);

}  // namespace usher::cel
