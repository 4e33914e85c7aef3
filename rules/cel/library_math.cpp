#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rules/cel/library.hpp"
#include "rules/cel/operators.hpp"
#include "state/model/base64.hpp"

// The extensions math and base64.
namespace usher::cel {

namespace {

using Arguments = std::span<const Value>;

/// The greatest or the least of a list of numbers; the first of those that are equal.
Value extreme(Context& context, Arguments arguments, bool greatest) {
  auto items = arguments[0].as_list();
  if (items.size() == 1 && items[0].is_list()) items = items[0].as_list();
  if (items.empty()) return context.error("an empty list has no greatest and no least number");
  Value best = items[0];
  for (const Value& item : items) {
    if (!item.is_number()) return context.error(fmt::format("a {} is no number", plain_name(item.kind())));
    const auto ordering = order(item, best);
    if (ordering && (greatest ? *ordering > 0 : *ordering < 0)) best = item;
  }
  return best;
}

Value greatest(Context& context, Arguments arguments) {
  return extreme(context, arguments, true);
}
Value least(Context& context, Arguments arguments) {
  return extreme(context, arguments, false);
}

Value ceil(Context&, Arguments arguments) {
  return Value::real(std::ceil(arguments[0].as_double()));
}
Value floor(Context&, Arguments arguments) {
  return Value::real(std::floor(arguments[0].as_double()));
}
Value round(Context&, Arguments arguments) {
  return Value::real(std::round(arguments[0].as_double()));
}
Value trunc(Context&, Arguments arguments) {
  return Value::real(std::trunc(arguments[0].as_double()));
}
Value sqrt(Context&, Arguments arguments) {
  const Value& x = arguments[0];
  if (x.is_int()) return Value::real(std::sqrt(static_cast<double>(x.as_int())));
  if (x.is_uint()) return Value::real(std::sqrt(static_cast<double>(x.as_uint())));
  return Value::real(std::sqrt(x.as_double()));
}

Value is_nan(Context&, Arguments arguments) {
  return Value::boolean(std::isnan(arguments[0].as_double()));
}
Value is_inf(Context&, Arguments arguments) {
  return Value::boolean(std::isinf(arguments[0].as_double()));
}
Value is_finite(Context&, Arguments arguments) {
  return Value::boolean(std::isfinite(arguments[0].as_double()));
}

Value abs(Context& context, Arguments arguments) {
  const Value& x = arguments[0];
  if (x.is_double()) return Value::real(std::abs(x.as_double()));
  return x.is_int() && x.as_int() < 0 ? negate(context, x) : x;
}

Value sign(Context&, Arguments arguments) {
  const Value& x = arguments[0];
  if (x.is_int()) return Value::integer((x.as_int() > 0) - (x.as_int() < 0));
  if (x.is_uint()) return Value::unsigned_integer(x.as_uint() > 0);
  if (std::isnan(x.as_double())) return x;
  return Value::real((x.as_double() > 0) - (x.as_double() < 0));
}

template <typename Combine>
Value bits(Arguments arguments, Combine combine) {
  if (arguments[0].is_uint()) {
    return Value::unsigned_integer(combine(arguments[0].as_uint(), arguments.back().as_uint()));
  }
  return Value::integer(combine(arguments[0].as_int(), arguments.back().as_int()));
}

Value bit_and(Context&, Arguments arguments) {
  return bits(arguments, [](auto a, auto b) { return a & b; });
}
Value bit_or(Context&, Arguments arguments) {
  return bits(arguments, [](auto a, auto b) { return a | b; });
}
Value bit_xor(Context&, Arguments arguments) {
  return bits(arguments, [](auto a, auto b) { return a ^ b; });
}
Value bit_not(Context&, Arguments arguments) {
  return bits(arguments, [](auto a, auto) { return ~a; });
}

/// Shifts the 64 bits as they are; 64 places and more leave nothing.
Value shifted(Context& context, Arguments arguments, bool left) {
  const std::int64_t places = arguments[1].as_int();
  if (places < 0) return context.error("bits cannot be shifted by a negative number of places");
  const bool is_uint = arguments[0].is_uint();
  const std::uint64_t from =
      is_uint ? arguments[0].as_uint() : static_cast<std::uint64_t>(arguments[0].as_int());
  const std::uint64_t result = places > 63 ? 0 : left ? from << places : from >> places;
  return is_uint ? Value::unsigned_integer(result) : Value::integer(static_cast<std::int64_t>(result));
}

Value shift_left(Context& context, Arguments arguments) {
  return shifted(context, arguments, true);
}
Value shift_right(Context& context, Arguments arguments) {
  return shifted(context, arguments, false);
}

Value encode(Context& context, Arguments arguments) {
  return context.text(to_base64(arguments[0].as_string()));
}

Value decode(Context& context, Arguments arguments) {
  const auto octets = from_base64(arguments[0].as_string());
  if (!octets) return context.error("the text is no base64");
  return Value::bytes(context.text(*octets).as_string());
}

constexpr Definition math_definitions[] = {
    {"math.greatest(list(A)) -> dyn", greatest},
    {"math.least(list(A)) -> dyn", least},
    {"math.ceil(double) -> double", ceil},
    {"math.floor(double) -> double", floor},
    {"math.round(double) -> double", round},
    {"math.trunc(double) -> double", trunc},
    {"math.sqrt(double) -> double", sqrt},
    {"math.sqrt(int) -> double", sqrt},
    {"math.sqrt(uint) -> double", sqrt},
    {"math.isNaN(double) -> bool", is_nan},
    {"math.isInf(double) -> bool", is_inf},
    {"math.isFinite(double) -> bool", is_finite},
    {"math.abs(int) -> int", abs},
    {"math.abs(uint) -> uint", abs},
    {"math.abs(double) -> double", abs},
    {"math.sign(int) -> int", sign},
    {"math.sign(uint) -> uint", sign},
    {"math.sign(double) -> double", sign},
    {"math.bitAnd(int, int) -> int", bit_and},
    {"math.bitAnd(uint, uint) -> uint", bit_and},
    {"math.bitOr(int, int) -> int", bit_or},
    {"math.bitOr(uint, uint) -> uint", bit_or},
    {"math.bitXor(int, int) -> int", bit_xor},
    {"math.bitXor(uint, uint) -> uint", bit_xor},
    {"math.bitNot(int) -> int", bit_not},
    {"math.bitNot(uint) -> uint", bit_not},
    {"math.bitShiftLeft(int, int) -> int", shift_left},
    {"math.bitShiftLeft(uint, int) -> uint", shift_left},
    {"math.bitShiftRight(int, int) -> int", shift_right},
    {"math.bitShiftRight(uint, int) -> uint", shift_right},
    {"base64.encode(bytes) -> string", encode},
    {"base64.decode(string) -> bytes", decode},
};

}  // namespace

std::span<const Definition> math_functions() {
  return math_definitions;
}

}  // namespace usher::cel
