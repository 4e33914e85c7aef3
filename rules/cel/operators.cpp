#include "rules/cel/operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "rules/cel/library.hpp"
#include "rules/cel/moment.hpp"

namespace usher::cel {

namespace {

Value overflow(Context& context) {
  return context.error("the result is beyond the range of its type");
}

Value mismatch(Context& context, std::string_view symbol, const Value& left, const Value& right) {
  return no_overload(context, symbol, std::array{left, right});
}

Value timestamp_or_overflow(Context& context, std::optional<Moment> moment) {
  return moment ? Value::timestamp(*moment) : overflow(context);
}

Value concatenated(Context& context, const Value& left, const Value& right) {
  context.budget().spend((left.size() + right.size()) / 16);
  return Value::string(context.arena().concatenate(left.as_string(), right.as_string()));
}

Value concatenated_lists(Context& context, std::span<const Value> left, std::span<const Value> right) {
  context.budget().spend(left.size() + right.size());
  const auto items = context.arena().array<Value>(left.size() + right.size());
  std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), items.begin()));
  return Value::list(items);
}

/// An arithmetic operation that may overflow on int and uint, and cannot on double.
template <typename Checked, typename Real>
Value arithmetic(Context& context, std::string_view symbol, const Value& left, const Value& right,
                 Checked checked, Real real) {
  if (left.kind() != right.kind()) return mismatch(context, symbol, left, right);
  if (left.is_int()) {
    std::int64_t result = 0;
    return checked(left.as_int(), right.as_int(), &result) ? overflow(context) : Value::integer(result);
  }
  if (left.is_uint()) {
    std::uint64_t result = 0;
    return checked(left.as_uint(), right.as_uint(), &result) ? overflow(context)
                                                             : Value::unsigned_integer(result);
  }
  if (left.is_double()) return Value::real(real(left.as_double(), right.as_double()));
  return mismatch(context, symbol, left, right);
}

}  // namespace

Value no_overload(Context& context, std::string_view name, std::span<const Value> operands) {
  std::string kinds;
  for (const Value& operand : operands) {
    if (!kinds.empty()) kinds += &operand == &operands.back() ? " and " : ", ";
    kinds += plain_name(operand.kind());
  }
  return context.error(fmt::format("no such overload: '{}' does not take {}", name, kinds));
}

Value add(Context& context, const Value& left, const Value& right) {
  const Kind kind = left.kind();
  if (kind == right.kind()) {
    if (kind == Kind::string) return concatenated(context, left, right);
    if (kind == Kind::list) return concatenated_lists(context, left.as_list(), right.as_list());
    if (kind == Kind::bytes) return Value::bytes(concatenated(context, left, right).as_string());
    if (kind == Kind::duration) {
      std::int64_t sum = 0;
      const bool over = __builtin_add_overflow(left.as_duration(), right.as_duration(), &sum);
      return over ? overflow(context) : Value::duration(sum);
    }
  }
  if (kind == Kind::timestamp && right.kind() == Kind::duration) {
    return timestamp_or_overflow(context, moved(left.as_timestamp(), right.as_duration()));
  }
  if (kind == Kind::duration && right.kind() == Kind::timestamp) return add(context, right, left);
  return arithmetic(
      context, "+", left, right, [](auto a, auto b, auto* sum) { return __builtin_add_overflow(a, b, sum); },
      [](double a, double b) { return a + b; });
}

Value subtract(Context& context, const Value& left, const Value& right) {
  if (left.kind() == Kind::timestamp && right.kind() == Kind::timestamp) {
    const auto span = span_between(right.as_timestamp(), left.as_timestamp());
    return span ? Value::duration(*span) : overflow(context);
  }
  if (right.kind() == Kind::duration && (left.kind() == Kind::timestamp || left.kind() == Kind::duration)) {
    std::int64_t result = 0;
    if (left.kind() == Kind::duration) {
      const bool over = __builtin_sub_overflow(left.as_duration(), right.as_duration(), &result);
      return over ? overflow(context) : Value::duration(result);
    }
    if (__builtin_sub_overflow(0, right.as_duration(), &result)) return overflow(context);
    return timestamp_or_overflow(context, moved(left.as_timestamp(), result));
  }
  return arithmetic(
      context, "-", left, right,
      [](auto a, auto b, auto* rest) { return __builtin_sub_overflow(a, b, rest); },
      [](double a, double b) { return a - b; });
}

Value multiply(Context& context, const Value& left, const Value& right) {
  return arithmetic(
      context, "*", left, right,
      [](auto a, auto b, auto* product) { return __builtin_mul_overflow(a, b, product); },
      [](double a, double b) { return a * b; });
}

Value divide(Context& context, const Value& left, const Value& right) {
  if (left.is_int() && right.is_int()) {
    if (right.as_int() == 0) return context.error("division by zero");
    if (right.as_int() == -1) return negate(context, left);
    return Value::integer(left.as_int() / right.as_int());
  }
  if (left.is_uint() && right.is_uint()) {
    if (right.as_uint() == 0) return context.error("division by zero");
    return Value::unsigned_integer(left.as_uint() / right.as_uint());
  }
  if (left.is_double() && right.is_double()) return Value::real(left.as_double() / right.as_double());
  return mismatch(context, "/", left, right);
}

Value modulo(Context& context, const Value& left, const Value& right) {
  if (left.is_int() && right.is_int()) {
    if (right.as_int() == 0) return context.error("modulus by zero");
    if (right.as_int() == -1) return left.as_int() == INT64_MIN ? overflow(context) : Value::integer(0);
    return Value::integer(left.as_int() % right.as_int());
  }
  if (left.is_uint() && right.is_uint()) {
    if (right.as_uint() == 0) return context.error("modulus by zero");
    return Value::unsigned_integer(left.as_uint() % right.as_uint());
  }
  return mismatch(context, "%", left, right);
}

Value negate(Context& context, const Value& operand) {
  if (operand.is_double()) return Value::real(-operand.as_double());
  if (operand.is_int() || operand.kind() == Kind::duration) {
    std::int64_t result = 0;
    const std::int64_t number = operand.is_int() ? operand.as_int() : operand.as_duration();
    if (__builtin_sub_overflow(0, number, &result)) return overflow(context);
    return operand.is_int() ? Value::integer(result) : Value::duration(result);
  }
  return no_overload(context, "-", std::array{operand});
}

Value less(Context& context, const Value& left, const Value& right) {
  const auto ordering = order(left, right);
  return ordering ? Value::boolean(*ordering < 0) : mismatch(context, "<", left, right);
}

Value less_or_equal(Context& context, const Value& left, const Value& right) {
  const auto ordering = order(left, right);
  return ordering ? Value::boolean(*ordering <= 0) : mismatch(context, "<=", left, right);
}

Value contained(Context& context, const Value& needle, const Value& container) {
  if (container.is_list()) {
    const auto items = container.as_list();
    context.budget().spend(items.size() / 4);
    return Value::boolean(std::any_of(items.begin(), items.end(), [&](const Value& item) {
      return equal(item, needle, context.budget());
    }));
  }
  if (container.is_map()) return Value::boolean(container.find(needle) != nullptr);
  return mismatch(context, "in", needle, container);
}

Found look_up(Context& context, const Value& container, const Value& key) {
  if (container.is_list()) {
    const auto items = container.as_list();
    const bool whole = key.is_double() && std::trunc(key.as_double()) == key.as_double() &&
                       std::abs(key.as_double()) <= 0x1p53;
    if (!key.is_int() && !key.is_uint() && !whole) {
      return {nullptr, no_overload(context, "[]", std::array{container, key})};
    }
    std::uint64_t position = key.is_uint() ? key.as_uint() : 0;
    if (key.is_int())
      position = static_cast<std::uint64_t>(key.as_int());  // a negative one becomes too large
    if (whole) position = static_cast<std::uint64_t>(static_cast<std::int64_t>(key.as_double()));
    return {position < items.size() ? &items[position] : nullptr, {}};
  }
  if (container.is_map()) {
    const bool possible = key.is_string() || key.is_bool() || key.is_number();
    if (!possible) return {nullptr, no_overload(context, "[]", std::array{container, key})};
    return {container.find(key), {}};
  }
  return {nullptr, no_overload(context, "[]", std::array{container, key})};
}

Value index(Context& context, const Value& container, const Value& key) {
  if (container.kind() == Kind::optional) {
    if (container.as_optional() == nullptr) return container;
    const Found found = look_up(context, *container.as_optional(), key);
    return found.error.is_error() ? found.error : Value::optional(found.value);
  }
  const Found found = look_up(context, container, key);
  if (found.value != nullptr) return *found.value;
  if (found.error.is_error()) return found.error;
  if (container.is_list()) {
    return context.error(fmt::format("no such element: the list has {}", container.size()));
  }
  return context.error(key.is_string() ? fmt::format("no such key: {}", key.as_string()) : "no such key");
}

namespace {

constexpr std::array<Definition, 27> signatures{{
    {"!(bool) -> bool", nullptr},
    {"-(int) -> int", nullptr},
    {"-(double) -> double", nullptr},
    {"-(duration) -> duration", nullptr},
    {"+(int, int) -> int", nullptr},
    {"+(uint, uint) -> uint", nullptr},
    {"+(double, double) -> double", nullptr},
    {"+(string, string) -> string", nullptr},
    {"+(bytes, bytes) -> bytes", nullptr},
    {"+(list(A), list(A)) -> list(A)", nullptr},
    {"+(timestamp, duration) -> timestamp", nullptr},
    {"+(duration, timestamp) -> timestamp", nullptr},
    {"+(duration, duration) -> duration", nullptr},
    {"-(int, int) -> int", nullptr},
    {"-(uint, uint) -> uint", nullptr},
    {"-(double, double) -> double", nullptr},
    {"-(timestamp, timestamp) -> duration", nullptr},
    {"-(timestamp, duration) -> timestamp", nullptr},
    {"-(duration, duration) -> duration", nullptr},
    {"*(int, int) -> int", nullptr},
    {"*(uint, uint) -> uint", nullptr},
    {"*(double, double) -> double", nullptr},
    {"/(int, int) -> int", nullptr},
    {"/(uint, uint) -> uint", nullptr},
    {"/(double, double) -> double", nullptr},
    {"%(int, int) -> int", nullptr},
    {"%(uint, uint) -> uint", nullptr},
}};

}  // namespace

std::span<const Definition> operator_signatures() {
  return signatures;
}

}  // namespace usher::cel
