#pragma once

#include "rules/cel/context.hpp"

namespace usher::cel {

// The operators of the language over values that are no errors. What the specification calls an error comes
// back as one: overflow, division by zero, operands that have nothing in common.

Value add(Context& context, const Value& left, const Value& right);
Value subtract(Context& context, const Value& left, const Value& right);
Value multiply(Context& context, const Value& left, const Value& right);
Value divide(Context& context, const Value& left, const Value& right);
Value modulo(Context& context, const Value& left, const Value& right);
Value negate(Context& context, const Value& operand);

/// `<`, `<=`, `>` and `>=`, by the symbol.
Value less(Context& context, const Value& left, const Value& right);
Value less_or_equal(Context& context, const Value& left, const Value& right);

/// Whether a list holds a value, or a map has it as a key.
Value contained(Context& context, const Value& needle, const Value& container);
/// `container[key]`, of an optional what it holds.
Value index(Context& context, const Value& container, const Value& key);

/// What a container has at a key: null when nothing, an error where it can have no such key.
struct Found {
  const Value* value = nullptr;
  Value error;
};
Found look_up(Context& context, const Value& container, const Value& key);

/// The error of an operator or function that does not take such operands: "no '+' for string and int".
Value no_overload(Context& context, std::string_view name, std::span<const Value> operands);

}  // namespace usher::cel
