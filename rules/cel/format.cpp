#include "rules/cel/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "rules/cel/moment.hpp"
#include "rules/cel/numbers.hpp"
#include "rules/cel/unicode.hpp"

namespace usher::cel {

namespace {

constexpr int most_digits = 100;
constexpr std::size_t longest_result = 1'000'000;

/// What %s writes; false where a value cannot be written or there is too much of it.
bool append_plain(const Value& value, std::string& out, Budget& budget);

bool append_list(std::span<const Value> items, std::string& out, Budget& budget) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    if (!append_plain(items[i], out, budget)) return false;
  }
  out += ']';
  return true;
}

bool append_map(const Value& map, std::string& out, Budget& budget) {
  std::vector<std::pair<std::string, std::string>> entries;
  const bool written = map.each_entry([&](const Value& key, const Value& value) {
    auto& [name, content] = entries.emplace_back();
    return append_plain(key, name, budget) && append_plain(value, content, budget);
  });
  if (!written) return false;
  std::sort(entries.begin(), entries.end());
  out += '{';
  for (std::size_t i = 0; i < entries.size(); ++i) {
    out += fmt::format("{}{}: {}", i > 0 ? ", " : "", entries[i].first, entries[i].second);
  }
  out += '}';
  return true;
}

bool append_plain(const Value& value, std::string& out, Budget& budget) {
  if (!budget.spend(1 + out.size() / 256 + value.size() / 16) || out.size() > longest_result) return false;
  switch (value.kind()) {
    case Kind::null:
      out += "null";
      return true;
    case Kind::boolean:
      out += value.as_bool() ? "true" : "false";
      return true;
    case Kind::integer:
      out += std::to_string(value.as_int());
      return true;
    case Kind::unsigned_integer:
      out += std::to_string(value.as_uint());
      return true;
    case Kind::real:
      out += format_double(value.as_double());
      return true;
    case Kind::string:
    case Kind::type:
      out += value.as_string();
      return true;
    case Kind::bytes:
      out += repaired(value.as_string());
      return true;
    case Kind::timestamp:
      out += format_timestamp(value.as_timestamp());
      return true;
    case Kind::duration:
      out += format_duration(value.as_duration());
      return true;
    case Kind::list:
      return append_list(value.as_list(), out, budget);
    case Kind::map:
    case Kind::object:
      return append_map(value, out, budget);
    default:
      return false;
  }
}

std::optional<std::string> decimal(const Value& value) {
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_uint()) return std::to_string(value.as_uint());
  if (value.is_double() && !std::isfinite(value.as_double())) return format_double(value.as_double());
  if (value.is_double()) return fmt::format("{}", value.as_double());
  return std::nullopt;
}

/// %f and %e.
std::optional<std::string> real(const Value& value, char letter, int digits) {
  double number = 0;
  if (value.is_double()) {
    number = value.as_double();
  } else if (value.is_int()) {
    number = static_cast<double>(value.as_int());
  } else if (value.is_uint()) {
    number = static_cast<double>(value.as_uint());
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return format_double(number);
  return letter == 'f' ? fmt::format("{:.{}f}", number, digits) : fmt::format("{:.{}e}", number, digits);
}

std::string in_base(std::uint64_t number, char letter) {
  switch (letter) {
    case 'b':
      return fmt::format("{:b}", number);
    case 'o':
      return fmt::format("{:o}", number);
    case 'x':
      return fmt::format("{:x}", number);
    default:
      return fmt::format("{:X}", number);
  }
}

/// %b, %o, %x and %X.
std::optional<std::string> based(const Value& value, char letter) {
  if (value.is_int()) {
    const auto number = static_cast<std::uint64_t>(value.as_int());
    return value.as_int() < 0 ? fmt::format("-{}", in_base(0 - number, letter)) : in_base(number, letter);
  }
  if (value.is_uint()) return in_base(value.as_uint(), letter);
  if (value.is_bool() && letter == 'b') return value.as_bool() ? "1" : "0";
  if ((letter != 'x' && letter != 'X') || (!value.is_string() && value.kind() != Kind::bytes))
    return std::nullopt;
  std::string text;
  for (const char c : value.as_string()) {
    const auto octet = static_cast<unsigned char>(c);
    text += letter == 'x' ? fmt::format("{:02x}", octet) : fmt::format("{:02X}", octet);
  }
  return text;
}

std::optional<std::string> written(const Value& value, char letter, int digits, Budget& budget) {
  switch (letter) {
    case 's': {
      std::string text;
      return append_plain(value, text, budget) ? std::optional(text) : std::nullopt;
    }
    case 'd':
      return decimal(value);
    case 'f':
    case 'e':
      return real(value, letter, digits);
    default:
      return based(value, letter);
  }
}

}  // namespace

Value format(Context& context, std::string_view pattern, std::span<const Value> arguments) {
  std::string result;
  std::size_t used = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      result += pattern[i];
      continue;
    }
    if (++i < pattern.size() && pattern[i] == '%') {
      result += '%';
      continue;
    }
    int digits = 6;
    if (i < pattern.size() && pattern[i] == '.') {
      digits = 0;
      while (++i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9' && digits <= most_digits) {
        digits = digits * 10 + (pattern[i] - '0');
      }
      if (digits > most_digits) return context.error("format writes no more than 100 digits");
    }
    if (i >= pattern.size()) return context.error("the pattern ends inside of a '%'");
    const char letter = pattern[i];
    if (std::string_view("sdfeboxX").find(letter) == std::string_view::npos) {
      return context.error(
          fmt::format("format does not know '%{}'", pattern.substr(i, code_point_length(pattern, i))));
    }
    if (used >= arguments.size()) return context.error(fmt::format("nothing is given for '%{}'", letter));
    const Value& value = arguments[used++];
    const auto text = written(value, letter, digits, context.budget());
    if (!text)
      return context.error(fmt::format("'%{}' cannot write this {}", letter, plain_name(value.kind())));
    if (!context.budget().spend(text->size() / 16)) return context.error("the text would be too long");
    result += *text;
  }
  return context.text(result);
}

}  // namespace usher::cel
