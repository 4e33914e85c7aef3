#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "rules/cel/library.hpp"
#include "rules/cel/moment.hpp"
#include "rules/cel/numbers.hpp"
#include "rules/cel/unicode.hpp"
#include "state/model/excerpt.hpp"

// type(), dyn(), size() and the conversions that are named after types.
namespace usher::cel {

namespace {

using Arguments = std::span<const Value>;

Value out_of_range(Context& context, std::string_view type) {
  return context.error(fmt::format("the number is beyond the range of {}", type));
}

Value not_readable(Context& context, std::string_view text, std::string_view type) {
  return context.error(fmt::format("'{}' cannot be read as {}", repaired(excerpt(text, 100)), type));
}

Value same(Context&, Arguments arguments) {
  return arguments[0];
}

Value type_of(Context&, Arguments arguments) {
  return Value::type(type_name(arguments[0].kind()));
}

Value size(Context&, Arguments arguments) {
  const Value& value = arguments[0];
  const std::size_t size = value.is_string() ? count_code_points(value.as_string()) : value.size();
  return Value::integer(static_cast<std::int64_t>(size));
}

Value int_from_uint(Context& context, Arguments arguments) {
  const std::uint64_t number = arguments[0].as_uint();
  if (number > std::numeric_limits<std::int64_t>::max()) return out_of_range(context, "int");
  return Value::integer(static_cast<std::int64_t>(number));
}

// The limits themselves are refused: near them a double no longer says which integer was meant.
Value int_from_double(Context& context, Arguments arguments) {
  const double number = arguments[0].as_double();
  if (!(number > -0x1p63 && number < 0x1p63)) return out_of_range(context, "int");
  return Value::integer(static_cast<std::int64_t>(number));
}

template <typename Integer>
std::optional<Integer> read_integer(std::string_view text) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  Integer number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value int_from_string(Context& context, Arguments arguments) {
  const auto number = read_integer<std::int64_t>(arguments[0].as_string());
  return number ? Value::integer(*number) : not_readable(context, arguments[0].as_string(), "int");
}

Value int_from_timestamp(Context&, Arguments arguments) {
  return Value::integer(arguments[0].as_timestamp().seconds);
}

Value uint_from_int(Context& context, Arguments arguments) {
  if (arguments[0].as_int() < 0) return out_of_range(context, "uint");
  return Value::unsigned_integer(static_cast<std::uint64_t>(arguments[0].as_int()));
}

Value uint_from_double(Context& context, Arguments arguments) {
  const double number = arguments[0].as_double();
  if (!(number >= 0 && number < 0x1p64)) return out_of_range(context, "uint");
  return Value::unsigned_integer(static_cast<std::uint64_t>(number));
}

Value uint_from_string(Context& context, Arguments arguments) {
  const auto number = read_integer<std::uint64_t>(arguments[0].as_string());
  return number ? Value::unsigned_integer(*number) : not_readable(context, arguments[0].as_string(), "uint");
}

Value double_from_int(Context&, Arguments arguments) {
  return Value::real(static_cast<double>(arguments[0].as_int()));
}

Value double_from_uint(Context&, Arguments arguments) {
  return Value::real(static_cast<double>(arguments[0].as_uint()));
}

Value double_from_string(Context& context, Arguments arguments) {
  std::string_view text = arguments[0].as_string();
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) {
    return not_readable(context, arguments[0].as_string(), "double");
  }
  return Value::real(number);
}

Value bool_from_string(Context& context, Arguments arguments) {
  static constexpr std::array<std::string_view, 6> yes{"true", "True", "TRUE", "t", "T", "1"};
  static constexpr std::array<std::string_view, 6> no{"false", "False", "FALSE", "f", "F", "0"};
  for (const auto text : yes) {
    if (arguments[0].as_string() == text) return Value::boolean(true);
  }
  for (const auto text : no) {
    if (arguments[0].as_string() == text) return Value::boolean(false);
  }
  return not_readable(context, arguments[0].as_string(), "bool");
}

Value string_from_int(Context& context, Arguments arguments) {
  return context.text(fmt::format_int(arguments[0].as_int()).c_str());
}

Value string_from_uint(Context& context, Arguments arguments) {
  return context.text(fmt::format_int(arguments[0].as_uint()).c_str());
}

Value string_from_double(Context& context, Arguments arguments) {
  return context.text(format_double(arguments[0].as_double()));
}

Value string_from_bool(Context&, Arguments arguments) {
  return Value::string(arguments[0].as_bool() ? "true" : "false");
}

Value string_from_bytes(Context& context, Arguments arguments) {
  if (!is_utf8(arguments[0].as_string()))
    return context.error("the bytes are no UTF-8 and cannot become a string");
  return Value::string(arguments[0].as_string());
}

Value string_from_timestamp(Context& context, Arguments arguments) {
  return context.text(format_timestamp(arguments[0].as_timestamp()));
}

Value string_from_duration(Context& context, Arguments arguments) {
  return context.text(format_duration(arguments[0].as_duration()));
}

Value bytes_from_string(Context&, Arguments arguments) {
  return Value::bytes(arguments[0].as_string());
}

Value timestamp_from_string(Context& context, Arguments arguments) {
  const auto moment = parse_timestamp(arguments[0].as_string());
  return moment ? Value::timestamp(*moment) : not_readable(context, arguments[0].as_string(), "timestamp");
}

Value timestamp_from_int(Context& context, Arguments arguments) {
  const Moment moment{arguments[0].as_int(), 0};
  return in_range(moment) ? Value::timestamp(moment) : out_of_range(context, "timestamp");
}

Value duration_from_string(Context& context, Arguments arguments) {
  const auto span = parse_duration(arguments[0].as_string());
  return span ? Value::duration(*span) : not_readable(context, arguments[0].as_string(), "duration");
}

constexpr Definition conversions_definitions[] = {
    {"dyn(A) -> dyn", same},
    {"type(A) -> type", type_of},
    {"size(string) -> int", size},
    {"size(bytes) -> int", size},
    {"size(list(A)) -> int", size},
    {"size(map(A, B)) -> int", size},
    {"string.size() -> int", size},
    {"bytes.size() -> int", size},
    {"list(A).size() -> int", size},
    {"map(A, B).size() -> int", size},
    {"int(int) -> int", same},
    {"int(uint) -> int", int_from_uint},
    {"int(double) -> int", int_from_double},
    {"int(string) -> int", int_from_string},
    {"int(timestamp) -> int", int_from_timestamp},
    {"uint(uint) -> uint", same},
    {"uint(int) -> uint", uint_from_int},
    {"uint(double) -> uint", uint_from_double},
    {"uint(string) -> uint", uint_from_string},
    {"double(double) -> double", same},
    {"double(int) -> double", double_from_int},
    {"double(uint) -> double", double_from_uint},
    {"double(string) -> double", double_from_string},
    {"bool(bool) -> bool", same},
    {"bool(string) -> bool", bool_from_string},
    {"string(string) -> string", same},
    {"string(int) -> string", string_from_int},
    {"string(uint) -> string", string_from_uint},
    {"string(double) -> string", string_from_double},
    {"string(bool) -> string", string_from_bool},
    {"string(bytes) -> string", string_from_bytes},
    {"string(timestamp) -> string", string_from_timestamp},
    {"string(duration) -> string", string_from_duration},
    {"bytes(bytes) -> bytes", same},
    {"bytes(string) -> bytes", bytes_from_string},
    {"timestamp(timestamp) -> timestamp", same},
    {"timestamp(string) -> timestamp", timestamp_from_string},
    {"timestamp(int) -> timestamp", timestamp_from_int},
    {"duration(duration) -> duration", same},
    {"duration(string) -> duration", duration_from_string},
};

}  // namespace

std::span<const Definition> conversion_functions() {
  return conversions_definitions;
}

}  // namespace usher::cel
