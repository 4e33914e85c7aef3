#pragma once

#include <string>
#include <string_view>

namespace usher {

// Comparing texts without regard to case, where a wrong match gives an account away and a missed one makes a
// second. Whether letters such as U+0131, U+212A, U+00DF and U+03C2 are the same as "i", "k", "ss" and
// U+03C3, and whether a letter is the same as its decomposed form, differs from platform to platform.

/// Of nothing but ASCII that can be seen, and blanks.
bool is_plain(std::string_view text);

/// Trimmed, without characters that cannot be seen (control, format, separators), by NFKC_Casefold (Unicode
/// 3.13, D146), and with both i of Turkish as "i": texts that some
/// platform takes for the same are equal.
std::string loosely_folded(std::string_view text);

/// Whether two texts that are equal when loosely folded are so on every platform: both are plain, or they
/// differ only in the case of letters of which nobody thinks otherwise. Texts that are composed otherwise are
/// not.
bool surely_same(std::string_view a, std::string_view b);

}  // namespace usher
