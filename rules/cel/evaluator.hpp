#pragma once

#include <functional>

#include "rules/cel/context.hpp"
#include "rules/cel/node.hpp"

namespace usher::cel {

/// Steps an evaluation may take. A mapping takes some dozens; a step is one operation, or 16 bytes of text
/// handled.
constexpr std::int64_t most_steps = 2'000'000;
constexpr std::string_view gave_up = "gave up: the expression takes more steps than one evaluation may";

/// Evaluates nodes once: a walk over the tree that looks up nothing by name. Total: whatever the values are,
/// the answer is a value, and an error says which part of the source it came from.
class Evaluator {
 public:
  using Observer = std::function<void(const Node&, const Value&)>;

  /// `variables` in the order of their slots; `locals` has room for what the macros of the expression bind.
  Evaluator(const Value* variables, Value* locals, Context& context, const Observer* observer = nullptr)
      : variables_(variables), locals_(locals), context_(context), observer_(observer) {}

  /// Made part of every operation: most operands are read without a call.
  [[gnu::always_inline]] Value evaluate(const Node& node) {
    if (node.op == Op::constant) return node.constant;
    if (node.variable != Node::no_variable && observer_ == nullptr) {
      if (const Value* held = field_of_variable(node)) return *held;
    }
    return evaluate_at_length(node);
  }

 private:
  using Binary = Value (*)(Context&, const Value&, const Value&);

  /// What the field of a variable holds; null where it holds nothing or the variable is not what the checker
  /// took it for.
  [[gnu::always_inline]] const Value* field_of_variable(const Node& node) const {
    const Value& variable = variables_[node.variable];
    if (variable.kind() != Kind::object || variable.as_object().type->identity() != node.object)
      return nullptr;
    const Value& held = variable.as_object().slots[node.slot];
    return held.is_absent() ? nullptr : &held;
  }

  [[gnu::noinline]] Value evaluate_at_length(const Node& node) {
    if (!context_.budget().spend(1)) [[unlikely]]
      return give_up();
    if (observer_ != nullptr) [[unlikely]]
      return observed(node);
    return compute(node);
  }
  Value observed(const Node& node);
  Value compute(const Node& node);
  Value unknown(const Node& node);
  Value give_up();
  Value fail(const Node& node, std::string_view message);
  void enter(const Node& node) { context_.at(node.begin, node.end); }

  Value variable(const Node& node);
  Value field(const Node& node);
  Value select(const Node& node);
  Value select_from(const Value& container, const Node& node);
  Value target_of(const Node& node);
  Value missing(const Node& node);
  Value has(const Node& node);
  Value maybe(const Node& node);
  Value negative(const Node& node);
  Value invert(const Node& node);
  Value logical(const Node& node, bool decisive);
  Value conditional(const Node& node);
  Value equality(const Node& node, bool wanted);
  Value binary(const Node& node, Binary operation);
  Value sum(const Node& node);
  Value list(const Node& node);
  Value map(const Node& node);
  Value make_map(const Node& node, std::span<const Entry> entries);
  Value call(const Node& node);
  Value matches(const Node& node);
  Value lookup(const Node& node);
  Value bind(const Node& node);
  Value map_optional(const Node& node);

  // Loops, in loops.cpp.
  Value quantify(const Node& node, bool decisive);
  Value exists_one(const Node& node);
  Value collect(const Node& node);
  Value filter(const Node& node);
  Value collect_map(const Node& node);
  template <typename Body>
  Value loop(const Node& node, const Value& range, Body&& body);
  bool admitted(const Node& node, Value& failure);

  const Value* variables_;
  Value* locals_;
  Context& context_;
  const Observer* observer_;
};

}  // namespace usher::cel
