#include "connectors/text_views.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "state/model/base64.hpp"

namespace usher {
namespace {

constexpr std::size_t most_views = 24;
constexpr int deepest = 3;

/// What an escape at the beginning of a text stands for, and its length; length 0: there is none.
struct Escape {
  std::string means;
  std::size_t length = 0;
};
using Decode = Escape (*)(std::string_view text);

std::optional<std::uint32_t> hex(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return value;
}

std::string utf8(std::uint32_t point) {
  const auto tail = [point](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | (point >> 18 & 7)), tail(12), tail(6), tail(0)};
}

Escape percent(std::string_view text) {
  if (text[0] != '%' || text.size() < 3) return {};
  const auto value = hex(text.substr(1, 2));
  return value ? Escape{{static_cast<char>(*value)}, 3} : Escape{};
}

Escape form(std::string_view text) {
  return text[0] == '+' ? Escape{" ", 1} : percent(text);
}

Escape json_escape(std::string_view text) {
  if (text[0] != '\\' || text.size() < 2) return {};
  switch (text[1]) {
    case 'n':
      return {"\n", 2};
    case 'r':
      return {"\r", 2};
    case 't':
      return {"\t", 2};
    case 'b':
      return {"\b", 2};
    case 'f':
      return {"\f", 2};
    case '"':
    case '\'':
    case '\\':
    case '/':
      return {std::string(text.substr(1, 1)), 2};
    case 'u':
      break;
    default:
      return {};
  }
  if (text.size() < 6) return {};
  const auto first = hex(text.substr(2, 4));
  if (!first) return {};
  const bool pair = *first >= 0xD800 && *first < 0xDC00 && text.size() >= 12 && text.substr(6, 2) == "\\u";
  const auto second = pair ? hex(text.substr(8, 4)) : std::nullopt;
  if (!second) return {utf8(*first), 6};
  return {utf8(0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00)), 12};
}

Escape entity(std::string_view text) {
  if (text[0] != '&') return {};
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> named{
      {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}}};
  for (const auto& [name, means] : named) {
    if (text.starts_with(name)) return {std::string(means), name.size()};
  }
  const std::size_t end = text.substr(0, 10).find(';');
  if (end == std::string_view::npos || end < 3 || text[1] != '#') return {};
  const bool is_hex = text[2] == 'x' || text[2] == 'X';
  if (is_hex) {
    const auto point = hex(text.substr(3, end - 3));
    return point ? Escape{utf8(*point), end + 1} : Escape{};
  }
  std::uint32_t point = 0;
  for (const char c : text.substr(2, end - 2)) {
    if (c < '0' || c > '9') return {};
    point = point * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return {utf8(point), end + 1};
}

/// nullopt: nothing of this encoding is in it.
std::optional<TextView> decoded(const TextView& view, Decode decode, std::string_view signs) {
  if (view.text.find_first_of(signs) == std::string::npos) return std::nullopt;
  TextView result;
  result.text.reserve(view.text.size());
  result.from.reserve(view.from.size());
  bool any = false;
  for (std::size_t at = 0; at < view.text.size();) {
    const Escape escape = decode(std::string_view(view.text).substr(at));
    const std::size_t length = escape.length == 0 ? 1 : escape.length;
    any = any || escape.length > 0;
    const std::string_view means =
        escape.length == 0 ? std::string_view(view.text).substr(at, 1) : std::string_view(escape.means);
    result.text += means;
    result.from.insert(result.from.end(), means.size(), view.from[at]);
    at += length;
  }
  result.from.push_back(view.from.back());
  return any ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace

std::vector<TextView> decoded_views(std::string_view text) {
  TextView plain;
  plain.text = text;
  plain.from.resize(text.size() + 1);
  for (std::size_t i = 0; i <= text.size(); ++i) plain.from[i] = static_cast<std::uint32_t>(i);
  std::vector<TextView> views{std::move(plain)};
  static constexpr std::array<std::pair<Decode, std::string_view>, 4> decoders{
      {{percent, "%"}, {form, "+%"}, {json_escape, "\\"}, {entity, "&"}}};
  std::size_t begin = 0;
  for (int depth = 0; depth < deepest && begin < views.size(); ++depth) {
    const std::size_t end = views.size();
    for (; begin < end; ++begin) {
      for (const auto& [decode, signs] : decoders) {
        auto next = decoded(views[begin], decode, signs);
        const bool is_new = next && std::none_of(views.begin(), views.end(), [&](const TextView& known) {
                              return known.text == next->text;
                            });
        if (is_new && views.size() < most_views) views.push_back(std::move(*next));
      }
    }
  }
  return views;
}

std::vector<std::string> charset_forms(std::string_view text) {
  std::vector<std::string> forms{std::string(text)};
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return forms;
  std::string as_utf8, as_latin1;
  bool is_latin1 = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    as_utf8 += utf8(byte);
    if (!is_latin1) continue;
    if (byte < 0x80) {
      as_latin1 += text[at];
    } else if (at > 0 && (static_cast<unsigned char>(text[at - 1]) & 0xFE) == 0xC2 && (byte & 0xC0) == 0x80) {
      as_latin1 += static_cast<char>((static_cast<unsigned char>(text[at - 1]) & 3) << 6 | (byte & 0x3F));
    } else {  // a character of two bytes that Latin-1 has, whose second byte comes next
      const bool more = at + 1 < text.size() && (static_cast<unsigned char>(text[at + 1]) & 0xC0) == 0x80;
      is_latin1 = (byte & 0xFE) == 0xC2 && more;
    }
  }
  forms.push_back(std::move(as_utf8));
  if (is_latin1) forms.push_back(std::move(as_latin1));
  return forms;
}

std::vector<std::string> base64_cores(std::string_view text) {
  std::vector<std::string> cores;
  for (std::size_t before = 0; before < 3; ++before) {
    const std::string whole = to_base64(std::string(before, '\0') + std::string(text));
    const std::size_t first = (before * 8 + 5) / 6;          // the first character of this text alone
    const std::size_t end = (before + text.size()) * 8 / 6;  // behind the last one
    std::string core = whole.substr(first, end > first ? end - first : 0);
    std::string url = core;
    std::replace(url.begin(), url.end(), '+', '-');
    std::replace(url.begin(), url.end(), '/', '_');
    if (url != core) cores.push_back(std::move(url));
    cores.push_back(std::move(core));
  }
  return cores;
}

}  // namespace usher
