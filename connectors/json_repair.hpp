#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace usher {

/// A JSON reply in which single values cannot be read: half a surrogate pair, bytes that are no UTF-8, a
/// control character in a string, a number beyond 64 bits or no number at all. All else of it can.
struct RepairedJson {
  /// Such characters are U+FFFD, such numbers texts.
  std::string text;
  /// The same, but what was repaired differs from `text` wherever it stands: comparing a value of both tells
  /// whether it is as the platform wrote it.
  std::string marked;
};

/// What stands in `marked` in place of a character that was repaired, and before a number that was.
inline constexpr std::string_view repair_mark = "\xEF\xB7\x90";  // U+FDD0, which no text holds

/// nullopt: there is nothing of that kind in it, whatever else may be wrong.
std::optional<RepairedJson> repair_json(std::string_view text);

}  // namespace usher
