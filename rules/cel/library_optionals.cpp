#include "rules/cel/library.hpp"

// Optional values: what `.?` and `[?…]` give.
namespace usher::cel {

namespace {

using Arguments = std::span<const Value>;

bool is_zero(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return !value.as_bool();
    case Kind::integer:
    case Kind::duration:
      return value.as_duration() == 0;
    case Kind::unsigned_integer:
      return value.as_uint() == 0;
    case Kind::real:
      return value.as_double() == 0;
    case Kind::string:
    case Kind::bytes:
    case Kind::list:
    case Kind::map:
    case Kind::object:
      return value.size() == 0;
    case Kind::optional:
      return value.as_optional() == nullptr;
    default:
      return false;
  }
}

Value held(Context& context, const Value& value) {
  return Value::optional(context.arena().make(value));
}

Value of(Context& context, Arguments arguments) {
  return held(context, arguments[0]);
}

Value of_non_zero(Context& context, Arguments arguments) {
  return is_zero(arguments[0]) ? Value::optional(nullptr) : held(context, arguments[0]);
}

Value none(Context&, Arguments) {
  return Value::optional(nullptr);
}

Value has_value(Context&, Arguments arguments) {
  return Value::boolean(arguments[0].as_optional() != nullptr);
}

Value value(Context& context, Arguments arguments) {
  const Value* content = arguments[0].as_optional();
  return content != nullptr ? *content
                            : context.error("the optional holds no value; orValue(…) gives it one");
}

Value either(Context&, Arguments arguments) {
  return arguments[arguments[0].as_optional() != nullptr ? 0 : 1];
}

Value or_value(Context&, Arguments arguments) {
  const Value* content = arguments[0].as_optional();
  return content != nullptr ? *content : arguments[1];
}

Value unwrapped(Context& context, Arguments arguments) {
  const auto items = arguments[0].as_list();
  const auto kept = context.arena().array<Value>(items.size());
  std::size_t count = 0;
  for (const Value& item : items) {
    if (item.kind() != Kind::optional) return context.error("the list holds something that is no optional");
    if (item.as_optional() != nullptr) kept[count++] = *item.as_optional();
  }
  return Value::list(kept.first(count));
}

Value first(Context&, Arguments arguments) {
  const auto items = arguments[0].as_list();
  return Value::optional(items.empty() ? nullptr : &items.front());
}

Value last(Context&, Arguments arguments) {
  const auto items = arguments[0].as_list();
  return Value::optional(items.empty() ? nullptr : &items.back());
}

constexpr Definition optionals_definitions[] = {
    {"list(A).first() -> optional(A)", first},
    {"list(A).last() -> optional(A)", last},
    {"optional.of(A) -> optional(A)", of},
    {"optional.ofNonZeroValue(A) -> optional(A)", of_non_zero},
    {"optional.none() -> optional(A)", none},
    {"optional.unwrap(list(optional(A))) -> list(A)", unwrapped},
    {"list(optional(A)).unwrapOpt() -> list(A)", unwrapped},
    {"optional(A).hasValue() -> bool", has_value},
    {"optional(A).value() -> A", value},
    {"optional(A).or(optional(A)) -> optional(A)", either},
    {"optional(A).orValue(A) -> A", or_value},
};

}  // namespace

std::span<const Definition> optional_functions() {
  return optionals_definitions;
}

}  // namespace usher::cel
