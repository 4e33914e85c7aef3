#include "rules/cel/evaluator.hpp"

#include <fmt/format.h>

#include <array>

#include "rules/cel/operators.hpp"
#include "rules/cel/time_dependence.hpp"

namespace usher::cel {

namespace {

Value greater(Context& context, const Value& left, const Value& right) {
  return less(context, right, left);
}

Value greater_or_equal(Context& context, const Value& left, const Value& right) {
  return less_or_equal(context, right, left);
}

/// What is only compared or hashed costs less than what is copied.
constexpr std::size_t bytes_compared_a_step = 64;
constexpr std::size_t bytes_copied_a_step = 16;

/// Whether a value is an object of exactly that type: then a field's slot is what the checker found.
bool has_slots_of(const Value& value, const Type& type) {
  return value.kind() == Kind::object && value.as_object().type->shares(type);
}

bool may_be_key(const Value& value) {
  return value.is_string() || value.is_int() || value.is_uint() || value.is_bool();
}

}  // namespace

Value Evaluator::observed(const Node& node) {
  const Value value = compute(node);
  (*observer_)(node, value);
  return value;
}

Value Evaluator::compute(const Node& node) {
  switch (node.op) {
    case Op::constant:
      return node.constant;
    case Op::variable:
      return variable(node);
    case Op::local:
      return locals_[node.slot];
    case Op::field:
      return field(node);
    case Op::select:
      return select(node);
    case Op::has:
      return has(node);
    case Op::select_maybe:
    case Op::index_maybe:
      return maybe(node);
    case Op::index:
      return binary(node, cel::index);
    case Op::invert:
      return invert(node);
    case Op::all_of:
      return logical(node, false);
    case Op::any_of:
      return logical(node, true);
    case Op::conditional:
      return conditional(node);
    case Op::equal:
      return equality(node, true);
    case Op::not_equal:
      return equality(node, false);
    case Op::less:
      return binary(node, less);
    case Op::less_or_equal:
      return binary(node, less_or_equal);
    case Op::greater:
      return binary(node, greater);
    case Op::greater_or_equal:
      return binary(node, greater_or_equal);
    case Op::contained:
      return binary(node, contained);
    case Op::add:
      return sum(node);
    case Op::subtract:
      return binary(node, subtract);
    case Op::multiply:
      return binary(node, multiply);
    case Op::divide:
      return binary(node, divide);
    case Op::modulo:
      return binary(node, modulo);
    case Op::negate:
      return negative(node);
    case Op::list:
      return list(node);
    case Op::map:
      return map(node);
    case Op::present:
      return evaluate_at_length(node.operands[0]);
    case Op::call:
      return call(node);
    case Op::matches:
      return matches(node);
    case Op::lookup:
      return lookup(node);
    case Op::bind:
      return bind(node);
    case Op::map_optional:
    case Op::flatten_optional:
      return map_optional(node);
    case Op::for_all:
      return quantify(node, false);
    case Op::exists:
      return quantify(node, true);
    case Op::exists_one:
      return exists_one(node);
    case Op::collect:
      return collect(node);
    case Op::filter:
      return filter(node);
    case Op::collect_map:
    case Op::collect_entries:
      return collect_map(node);
  }
  return unknown(node);
}

Value Evaluator::unknown(const Node& node) {
  return fail(node, "an operation this program does not know");
}

Value Evaluator::give_up() {
  static constexpr Failure failure{gave_up, 0, 0};
  return Value::error(failure);
}

Value Evaluator::fail(const Node& node, std::string_view message) {
  enter(node);
  return context_.error(message);
}

Value Evaluator::variable(const Node& node) {
  const Value& value = variables_[node.slot];
  if (value.is_absent()) [[unlikely]] {
    return fail(node, fmt::format("no value for '{}'", node.constant.as_string()));
  }
  return value;
}

/// What a field of a known object is read from. Most objects are variables, and those need no evaluation.
Value Evaluator::target_of(const Node& node) {
  const Node& target = node.operands[0];
  return target.op == Op::variable && observer_ == nullptr ? variables_[target.slot] : evaluate(target);
}

Value Evaluator::field(const Node& node) {
  const Value container = target_of(node);
  if (!has_slots_of(container, node.operands[0].type)) return select_from(container, node);
  const Value& value = container.as_object().slots[node.slot];
  return value.is_absent() ? missing(node) : value;
}

Value Evaluator::missing(const Node& node) {
  return fail(node, fmt::format("no such field: {}", node.constant.as_string()));
}

Value Evaluator::select(const Node& node) {
  return select_from(evaluate(node.operands[0]), node);
}

Value Evaluator::select_from(const Value& container, const Node& node) {
  if (container.is_error()) return container;
  if (container.is_absent()) return evaluate(node.operands[0]);
  if (container.is_map()) {
    const Value* value = container.find(node.constant);
    return value != nullptr ? *value : missing(node);
  }
  if (container.kind() == Kind::optional) {
    enter(node);
    return cel::index(context_, container, node.constant);
  }
  return fail(node, fmt::format("no such field: {} (a {} has no fields)", node.constant.as_string(),
                                plain_name(container.kind())));
}

Value Evaluator::has(const Node& node) {
  Value container = target_of(node);
  if (has_slots_of(container, node.operands[0].type)) {
    return Value::boolean(!container.as_object().slots[node.slot].is_absent());
  }
  if (container.is_absent()) return evaluate(node.operands[0]);
  if (container.kind() == Kind::optional) {
    if (container.as_optional() == nullptr) return Value::boolean(false);
    container = *container.as_optional();
  }
  if (container.is_error()) return container;
  if (container.is_map()) return Value::boolean(container.find(node.constant) != nullptr);
  return fail(node, fmt::format("has() looks into a map or object, not a {}", plain_name(container.kind())));
}

Value Evaluator::maybe(const Node& node) {
  Value container = evaluate(node.operands[0]);
  const Value key = node.op == Op::select_maybe ? node.constant : evaluate(node.operands[1]);
  if (container.is_error()) return container;
  if (key.is_error()) return key;
  if (container.kind() == Kind::optional) {
    if (container.as_optional() == nullptr) return container;
    container = *container.as_optional();
  }
  enter(node);
  const Found found = look_up(context_, container, key);
  return found.error.is_error() ? found.error : Value::optional(found.value);
}

Value Evaluator::negative(const Node& node) {
  const Value operand = evaluate(node.operands[0]);
  enter(node);
  return operand.is_error() ? operand : negate(context_, operand);
}

Value Evaluator::invert(const Node& node) {
  const Value operand = evaluate(node.operands[0]);
  if (operand.is_bool()) return Value::boolean(!operand.as_bool());
  if (operand.is_error()) return operand;
  enter(node);
  return no_overload(context_, "!", std::array{operand});
}

// An operand that decides the result does so on whatever side of an error it stands: the first error is the
// result only where no operand decides.
Value Evaluator::logical(const Node& node, bool decisive) {
  Value failure;
  for (const Node& operand : node.operands) {
    const Value value = evaluate(operand);
    if (value.is_bool()) {
      if (value.as_bool() == decisive) return value;
    } else if (failure.is_absent()) {
      enter(operand);
      failure = value.is_error() ? value : no_overload(context_, decisive ? "||" : "&&", std::array{value});
    }
  }
  return failure.is_absent() ? Value::boolean(!decisive) : failure;
}

Value Evaluator::conditional(const Node& node) {
  const Value condition = evaluate(node.operands[0]);
  if (condition.is_bool()) return evaluate(node.operands[condition.as_bool() ? 1 : 2]);
  if (condition.is_error()) return condition;
  enter(node.operands[0]);
  return no_overload(context_, "?:", std::array{condition});
}

Value Evaluator::equality(const Node& node, bool wanted) {
  const Value left = evaluate(node.operands[0]);
  const Value right = evaluate(node.operands[1]);
  if (left.is_string() && right.is_string()) [[likely]] {
    context_.budget().spend((left.as_string().size() + right.as_string().size()) / bytes_compared_a_step);
    return Value::boolean(same_text(left.as_string(), right.as_string()) == wanted);
  }
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  context_.budget().spend((left.size() + right.size()) / bytes_compared_a_step);
  return Value::boolean(equal(left, right, context_.budget()) == wanted);
}

Value Evaluator::binary(const Node& node, Binary operation) {
  const Value left = evaluate(node.operands[0]);
  const Value right = evaluate(node.operands[1]);
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  enter(node);
  if (!context_.budget().spend((left.size() + right.size()) / bytes_compared_a_step)) return give_up();
  if (node.drift != 0) [[unlikely]]
    tell_turn(context_, node, left, right);
  return operation(context_, left, right);
}

/// Most sums are of texts.
Value Evaluator::sum(const Node& node) {
  const Value left = evaluate(node.operands[0]);
  const Value right = evaluate(node.operands[1]);
  if (left.is_string() && right.is_string()) [[likely]] {
    const std::string_view begin = left.as_string(), end = right.as_string();
    if (!context_.budget().spend((begin.size() + end.size()) / bytes_copied_a_step)) return give_up();
    return Value::string(context_.arena().concatenate(begin, end));
  }
  if (left.is_error()) return left;
  if (right.is_error()) return right;
  enter(node);
  return add(context_, left, right);
}

Value Evaluator::list(const Node& node) {
  const auto items = context_.arena().array<Value>(node.operands.size());
  std::size_t count = 0;
  for (const Node& operand : node.operands) {
    const Value item = evaluate(operand);
    if (item.is_error()) return item;
    if (operand.op != Op::present) {
      items[count++] = item;
    } else if (item.kind() != Kind::optional) {
      return fail(operand, "'?' stands before an optional only");
    } else if (item.as_optional() != nullptr) {
      items[count++] = *item.as_optional();
    }
  }
  return Value::list(items.first(count));
}

Value Evaluator::map(const Node& node) {
  const auto entries = context_.arena().array<Entry>(node.operands.size() / 2);
  std::size_t count = 0;
  for (std::size_t i = 0; i < node.operands.size(); i += 2) {
    const Value key = evaluate(node.operands[i]);
    Value value = evaluate(node.operands[i + 1]);
    if (key.is_error()) return key;
    if (value.is_error()) return value;
    if (node.operands[i].op == Op::present) {
      if (value.kind() != Kind::optional) return fail(node.operands[i], "'?' stands before an optional only");
      if (value.as_optional() == nullptr) continue;
      value = *value.as_optional();
    }
    entries[count++] = {key, value};
  }
  return make_map(node, entries.first(count));
}

Value Evaluator::make_map(const Node& node, std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    if (!may_be_key(entry.key)) {
      return fail(node, fmt::format("a {} cannot be a key of a map", plain_name(entry.key.kind())));
    }
  }
  context_.budget().spend(entries.size());
  const Map* map = Map::make(entries, context_.arena());
  return map != nullptr ? Value::map(*map) : fail(node, "a key stands twice in this map");
}

Value Evaluator::call(const Node& node) {
  std::array<Value, 4> arguments;
  const std::size_t count = node.operands.size();
  std::size_t weight = 0;
  for (std::size_t i = 0; i < count; ++i) {
    arguments[i] = evaluate(node.operands[i]);
    if (arguments[i].is_error()) return arguments[i];
    weight += arguments[i].size();
  }
  enter(node);
  if (!context_.budget().spend(weight / bytes_copied_a_step)) return give_up();
  const std::span<const Value> given(arguments.data(), count);
  for (const Overload& overload : node.overloads) {
    if (overload.takes(given)) return overload.run(context_, given);
  }
  return no_overload(context_, node.constant.as_string(), given);
}

Value Evaluator::matches(const Node& node) {
  const Value text = evaluate(node.operands[0]);
  if (text.is_error()) return text;
  enter(node);
  if (!text.is_string()) return no_overload(context_, "matches", std::array{text});
  context_.budget().spend(text.size() / bytes_copied_a_step);
  const re2::StringPiece searched(text.as_string().data(), text.size());
  return Value::boolean(node.pattern->Match(searched, 0, searched.size(), re2::RE2::UNANCHORED, nullptr, 0));
}

Value Evaluator::lookup(const Node& node) {
  const Value key = evaluate(node.operands[0]);
  if (key.is_error()) return key;
  enter(node);
  if (!key.is_string()) return no_overload(context_, "lookup", std::array{key});
  const auto row = node.table->find(key.as_string());
  if (row != node.table->end()) return Value::string(row->second);
  if (node.operands.size() > 1) return evaluate(node.operands[1]);
  return context_.error(
      fmt::format("table '{}' has no row '{}'", node.constant.as_string(), key.as_string()));
}

Value Evaluator::bind(const Node& node) {
  locals_[node.slot] = evaluate(node.operands[0]);
  return evaluate(node.operands[1]);
}

Value Evaluator::map_optional(const Node& node) {
  const Value target = evaluate(node.operands[0]);
  if (target.is_error()) return target;
  if (target.kind() != Kind::optional) return fail(node, "optMap and optFlatMap go into an optional only");
  if (target.as_optional() == nullptr) return target;
  locals_[node.slot] = *target.as_optional();
  const Value result = evaluate(node.operands[1]);
  if (result.is_error()) return result;
  if (node.op == Op::map_optional) return Value::optional(context_.arena().make(result));
  return result.kind() == Kind::optional ? result
                                         : fail(node, "the expression of optFlatMap gives no optional");
}

}  // namespace usher::cel
