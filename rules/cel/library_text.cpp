#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "rules/cel/format.hpp"
#include "rules/cel/library.hpp"
#include "rules/cel/unicode.hpp"

// Functions of strings: the standard ones and the strings extension. Positions count code points.
namespace usher::cel {

namespace {

using Arguments = std::span<const Value>;

std::string_view text_of(const Value& value) {
  return value.as_string();
}

Value whole(std::size_t number) {
  return Value::integer(static_cast<std::int64_t>(number));
}

Value no_position(Context& context, const Value& position, std::string_view text) {
  return context.error(fmt::format("position {} is outside of the text, which has {}", position.as_int(),
                                   count_code_points(text)));
}

Value contains(Context&, Arguments arguments) {
  return Value::boolean(find_part(text_of(arguments[0]), text_of(arguments[1])) != std::string_view::npos);
}

Value starts_with(Context&, Arguments arguments) {
  return Value::boolean(text_of(arguments[0]).starts_with(text_of(arguments[1])));
}

Value ends_with(Context&, Arguments arguments) {
  return Value::boolean(text_of(arguments[0]).ends_with(text_of(arguments[1])));
}

/// For patterns that are known only now; constant ones are read when the expression is compiled.
Value matches(Context& context, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  const auto pattern = text_of(arguments[1]);
  if (!context.budget().spend(100 + pattern.size()))
    return context.error("the pattern takes too many steps to read");
  const re2::RE2 expression(re2::StringPiece(pattern.data(), pattern.size()), re2::RE2::Quiet);
  if (!expression.ok()) return context.error("the regular expression cannot be read: " + expression.error());
  return Value::boolean(re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression));
}

Value char_at(Context& context, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  const auto at = byte_offset(text, arguments[1].as_int());
  if (!at) return no_position(context, arguments[1], text);
  return Value::string(text.substr(*at, code_point_length(text, *at)));
}

/// The position of what was found at an offset in bytes; -1 for nothing.
Value position_of(std::string_view text, std::size_t found) {
  return found == std::string_view::npos ? Value::integer(-1)
                                         : whole(count_code_points(text.substr(0, found)));
}

Value index_of(Context& context, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  if (arguments.size() < 3) return position_of(text, find_part(text, text_of(arguments[1])));
  if (arguments[2].as_int() < 0) return no_position(context, arguments[2], text);
  const auto from = byte_offset(text, arguments[2].as_int());
  return from ? position_of(text, find_part(text, text_of(arguments[1]), *from)) : Value::integer(-1);
}

Value last_index_of(Context& context, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  const std::size_t comparisons = text.size() * (arguments[1].size() / 64);  // at worst, and not linear
  if (!context.budget().spend(comparisons))
    return context.error("the text is too long to be searched from its end");
  if (arguments.size() < 3) return position_of(text, text.rfind(text_of(arguments[1])));
  if (arguments[2].as_int() < 0) return no_position(context, arguments[2], text);
  const auto from = byte_offset(text, arguments[2].as_int());
  return from ? position_of(text, text.rfind(text_of(arguments[1]), *from)) : Value::integer(-1);
}

/// Changes the case of the letters from `first` to `first` + 25 among eight bytes: bit 5 of each.
std::uint64_t other_case(std::uint64_t word, unsigned char first) {
  constexpr std::uint64_t each = 0x0101010101010101;
  const std::uint64_t low = word & each * 0x7F;
  const std::uint64_t from = low + each * (0x80U - first);          // bit 7: not before the first
  const std::uint64_t beyond = low + each * (0x80U - first - 26U);  // bit 7: behind the last
  return word ^ (((from & ~beyond & ~word) & each * 0x80) >> 2);
}

/// The same text with the case of those letters changed; the text itself where there are none.
Value with_other_case(Context& context, const Value& value, unsigned char first) {
  const auto text = text_of(value);
  char* const result = context.arena().text(text.size());
  bool differs = false;
  const auto change = [&]<typename Word>(std::size_t at, Word word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    const auto changed = static_cast<Word>(other_case(word, first));
    differs = differs || changed != word;
    std::memcpy(result + at, &changed, sizeof word);
  };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) change(at, std::uint64_t{});
  if (text.size() % 8 >= 4) change(std::exchange(at, at + 4), std::uint32_t{});
  for (; at < text.size(); ++at) change(at, std::uint8_t{});
  return differs ? Value::string({result, text.size()}) : value;
}

Value lower_ascii(Context& context, Arguments arguments) {
  return with_other_case(context, arguments[0], 'A');
}

Value upper_ascii(Context& context, Arguments arguments) {
  return with_other_case(context, arguments[0], 'a');
}

/// White space as Unicode defines it.
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Value trim(Context&, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  std::size_t begin = 0;
  while (begin < text.size() && is_space(code_point(text, begin))) begin += code_point_length(text, begin);
  std::size_t end = text.size();
  while (end > begin) {
    std::size_t last = end - 1;  // the start of the last code point
    while (last > begin && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) --last;
    if (!is_space(code_point(text, last))) break;
    end = last;
  }
  return Value::string(text.substr(begin, end - begin));
}

Value substring(Context& context, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  const auto begin = byte_offset(text, arguments[1].as_int());
  if (!begin) return no_position(context, arguments[1], text);
  if (arguments.size() < 3) return Value::string(text.substr(*begin));
  const auto end = byte_offset(text, arguments[2].as_int());
  if (!end) return no_position(context, arguments[2], text);
  if (*end < *begin) return context.error("the part would end before it begins");
  return Value::string(text.substr(*begin, *end - *begin));
}

/// At most `limit` parts, the last with all that is left; any number where the limit is negative.
Value split(Context& context, Arguments arguments) {
  std::string_view text = text_of(arguments[0]);
  const auto separator = text_of(arguments[1]);
  const std::int64_t limit = arguments.size() > 2 ? arguments[2].as_int() : -1;
  if (limit == 0) return Value::list({});
  std::vector<Value> parts;
  auto next = [&] {
    return separator.empty() ? (code_point_length(text, 0) < text.size() ? code_point_length(text, 0)
                                                                         : std::string_view::npos)
                             : find_part(text, separator);
  };
  if (separator.empty() && text.empty()) return Value::list({});
  for (std::size_t at = next(); at != std::string_view::npos && (limit < 0 || std::ssize(parts) < limit - 1);
       at = next()) {
    parts.push_back(Value::string(text.substr(0, at)));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(Value::string(text));
  if (!context.budget().spend(parts.size())) return context.error("the text has too many parts");
  const auto items = context.arena().array<Value>(parts.size());
  std::copy(parts.begin(), parts.end(), items.begin());
  return Value::list(items);
}

Value join(Context& context, Arguments arguments) {
  const auto items = arguments[0].as_list();
  const auto separator = arguments.size() > 1 ? text_of(arguments[1]) : std::string_view();
  std::size_t size = items.empty() ? 0 : separator.size() * (items.size() - 1);
  for (const Value& item : items) {
    if (!item.is_string())
      return context.error(fmt::format("join takes strings only, not a {}", plain_name(item.kind())));
    size += item.size();
  }
  if (!context.budget().spend(size / 16)) return context.error("the joined text would be too long");
  char* const begin = context.arena().text(size);
  char* end = begin;
  auto append = [&end](std::string_view text) { end = std::copy(text.begin(), text.end(), end); };
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) append(separator);
    append(text_of(items[i]));
  }
  return Value::string({begin, size});
}

/// Replaces the first `limit` occurrences, all where it is negative. An empty part stands between all code
/// points.
Value replace(Context& context, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  const auto part = text_of(arguments[1]);
  const auto with = text_of(arguments[2]);
  std::int64_t left = arguments.size() > 3 ? arguments[3].as_int() : -1;
  std::string result;
  std::size_t at = 0;
  while (left != 0) {
    const std::size_t found = find_part(text, part, at);
    if (found == std::string_view::npos) break;
    if (!context.budget().spend(1 + with.size() / 16)) return context.error("the text would become too long");
    result.append(text, at, found - at).append(with);
    at = found + part.size();
    --left;
    if (!part.empty()) continue;
    if (at == text.size()) break;
    const std::size_t length = code_point_length(text, at);
    result.append(text, at, length);
    at += length;
  }
  if (at == 0 && result.empty()) return arguments[0];
  result.append(text.substr(std::min(at, text.size())));
  return context.text(result);
}

Value reverse(Context& context, Arguments arguments) {
  const auto text = text_of(arguments[0]);
  char* const result = context.arena().text(text.size());
  char* end = result + text.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = code_point_length(text, at);
    end -= length;
    std::memcpy(end, text.data() + at, length);
    at += length;
  }
  return Value::string({result, text.size()});
}

Value quote(Context& context, Arguments arguments) {
  static constexpr std::string_view special = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view letters = "abfnrtv\\\"";
  std::string result = "\"";
  for (const char c : repaired(text_of(arguments[0]))) {
    const std::size_t at = special.find(c);
    if (c != '\0' && at != std::string_view::npos) {
      result += '\\';
      result += letters[at];
    } else {
      result += c;
    }
  }
  return context.text(result + '"');
}

Value format_text(Context& context, Arguments arguments) {
  return format(context, text_of(arguments[0]), arguments[1].as_list());
}

constexpr Definition text_definitions[] = {
    {"string.contains(string) -> bool", contains},
    {"string.startsWith(string) -> bool", starts_with},
    {"string.endsWith(string) -> bool", ends_with},
    {"string.matches(string) -> bool", matches},
    {"matches(string, string) -> bool", matches},
    {"string.charAt(int) -> string", char_at},
    {"string.indexOf(string) -> int", index_of},
    {"string.indexOf(string, int) -> int", index_of},
    {"string.lastIndexOf(string) -> int", last_index_of},
    {"string.lastIndexOf(string, int) -> int", last_index_of},
    {"string.lowerAscii() -> string", lower_ascii},
    {"string.upperAscii() -> string", upper_ascii},
    {"string.trim() -> string", trim},
    {"string.substring(int) -> string", substring},
    {"string.substring(int, int) -> string", substring},
    {"string.split(string) -> list(string)", split},
    {"string.split(string, int) -> list(string)", split},
    {"list(string).join() -> string", join},
    {"list(string).join(string) -> string", join},
    {"string.replace(string, string) -> string", replace},
    {"string.replace(string, string, int) -> string", replace},
    {"string.reverse() -> string", reverse},
    {"string.format(list(A)) -> string", format_text},
    {"strings.quote(string) -> string", quote},
};

}  // namespace

std::span<const Definition> text_functions() {
  return text_definitions;
}

}  // namespace usher::cel
