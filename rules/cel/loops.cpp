#include <fmt/format.h>

#include <array>

#include "rules/cel/evaluator.hpp"
#include "rules/cel/operators.hpp"

// The macros that go through a list or the keys of a map. Each binds its names as locals and evaluates its
// operands once an element, with no accumulator in between.
namespace usher::cel {

namespace {

std::size_t elements(const Value& range) {
  return range.is_list() || range.is_map() ? range.size() : 0;
}

}  // namespace

/// Binds each element in turn and calls `body`, until it answers false or the budget ends. Gives an error
/// where there is nothing to go through, absent otherwise.
template <typename Body>
Value Evaluator::loop(const Node& node, const Value& range, Body&& body) {
  Value* const first = locals_ + node.slot;
  if (range.is_list()) {
    std::int64_t position = 0;
    for (const Value& item : range.as_list()) {
      *first = item;
      if (node.two_names) {
        first[0] = Value::integer(position++);
        first[1] = item;
      }
      if (context_.budget().exhausted() || !body()) break;
    }
  } else if (range.is_map()) {
    range.each_entry([&](const Value& key, const Value& value) {
      first[0] = key;
      if (node.two_names) first[1] = value;
      return !context_.budget().exhausted() && body();
    });
  } else {
    return range.is_error()
               ? range
               : fail(node.operands[0],
                      fmt::format("a list or map is gone through here, not a {}", plain_name(range.kind())));
  }
  return context_.budget().exhausted() ? give_up() : Value();
}

/// Whether the condition holds for what is bound; `failure` is set where it is no bool.
bool Evaluator::admitted(const Node& node, Value& failure) {
  const Value condition = evaluate(node.operands[1]);
  if (condition.is_bool()) return condition.as_bool();
  enter(node.operands[1]);
  failure = condition.is_error() ? condition : no_overload(context_, "a condition", std::array{condition});
  return false;
}

/// all() is `&&` over the elements, exists() is `||`.
Value Evaluator::quantify(const Node& node, bool decisive) {
  const Value range = evaluate(node.operands[0]);
  Value failure;
  bool decided = false;
  const Value stopped = loop(node, range, [&] {
    Value problem;
    const bool holds = admitted(node, problem);
    if (problem.is_absent()) {
      decided = holds == decisive;
    } else if (failure.is_absent()) {
      failure = problem;
    }
    return !decided;
  });
  if (stopped.is_error()) return stopped;
  if (decided) return Value::boolean(decisive);
  return failure.is_absent() ? Value::boolean(!decisive) : failure;
}

Value Evaluator::exists_one(const Node& node) {
  const Value range = evaluate(node.operands[0]);
  Value failure;
  std::size_t count = 0;
  const Value stopped = loop(node, range, [&] {
    if (admitted(node, failure)) ++count;
    return failure.is_absent();
  });
  if (stopped.is_error()) return stopped;
  return failure.is_absent() ? Value::boolean(count == 1) : failure;
}

Value Evaluator::collect(const Node& node) {
  const Value range = evaluate(node.operands[0]);
  const auto items = context_.arena().array<Value>(elements(range));
  Value failure;
  std::size_t count = 0;
  const bool conditional = node.operands.size() == 3;
  const Value stopped = loop(node, range, [&] {
    if (conditional && !admitted(node, failure)) return failure.is_absent();
    const Value item = evaluate(node.operands.back());
    if (item.is_error()) failure = item;
    items[count++] = item;
    return failure.is_absent();
  });
  if (stopped.is_error()) return stopped;
  return failure.is_absent() ? Value::list(items.first(count)) : failure;
}

Value Evaluator::filter(const Node& node) {
  const Value range = evaluate(node.operands[0]);
  const auto items = context_.arena().array<Value>(elements(range));
  Value failure;
  std::size_t count = 0;
  const Value stopped = loop(node, range, [&] {
    const Value item = locals_[node.slot];
    if (admitted(node, failure)) items[count++] = item;
    return failure.is_absent();
  });
  if (stopped.is_error()) return stopped;
  return failure.is_absent() ? Value::list(items.first(count)) : failure;
}

Value Evaluator::collect_map(const Node& node) {
  const Value range = evaluate(node.operands[0]);
  std::vector<Entry> entries;
  Value failure;
  const Value stopped = loop(node, range, [&] {
    const Value key = locals_[node.slot];
    if (node.operands.size() == 3 && !admitted(node, failure)) return failure.is_absent();
    const Value result = evaluate(node.operands.back());
    if (result.is_error()) {
      failure = result;
    } else if (node.op == Op::collect_map) {
      entries.push_back({key, result});
    } else if (result.is_map()) {
      context_.budget().spend(result.size());
      result.each_entry([&](const Value& a, const Value& b) { return entries.push_back({a, b}), true; });
    } else {
      failure = fail(node.operands.back(), "transformMapEntry collects maps");
    }
    return failure.is_absent();
  });
  if (stopped.is_error()) return stopped;
  if (!failure.is_absent()) return failure;
  const auto kept = context_.arena().array<Entry>(entries.size());
  std::copy(entries.begin(), entries.end(), kept.begin());
  return make_map(node, kept);
}

}  // namespace usher::cel
