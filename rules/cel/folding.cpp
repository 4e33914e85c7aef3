#include "rules/cel/folding.hpp"

#include <algorithm>
#include <limits>

#include "rules/cel/evaluator.hpp"

namespace usher::cel {

namespace {

/// What a part of an expression depends on.
struct Needs {
  bool variables = false;
  std::uint32_t lowest_local = std::numeric_limits<std::uint32_t>::max();

  void add(const Needs& other) {
    variables = variables || other.variables;
    lowest_local = std::min(lowest_local, other.lowest_local);
  }
};

/// A constant that takes longer than this is left to run time, where it is bounded as everything is.
constexpr std::int64_t most_folding_steps = 10'000;

bool binds(const Node& node) {
  return node.op == Op::bind || node.op == Op::map_optional || node.op == Op::flatten_optional ||
         (node.op >= Op::for_all && node.op <= Op::collect_entries);
}

bool is_unique(const Node& node) {
  return node.op == Op::call && node.constant.as_string() == "unique";
}

void evaluate_now(Node& node, Resources& resources) {
  std::vector<Value> locals(resources.locals);
  Context context(resources.arena, most_folding_steps, nullptr);
  const Value value = Evaluator(nullptr, locals.data(), context).evaluate(node);
  if (value.is_error() || context.budget().exhausted()) return;
  node.op = Op::constant;
  node.constant = value;
  node.operands.clear();
}

Needs fold_part(Node& node, Resources& resources) {
  Needs needs;
  needs.variables = node.op == Op::variable || is_unique(node);
  if (node.op == Op::local) needs.lowest_local = node.slot;
  for (Node& operand : node.operands) needs.add(fold_part(operand, resources));
  if (binds(node) && needs.lowest_local >= node.slot) {
    needs.lowest_local = std::numeric_limits<std::uint32_t>::max();  // reads only what it bound itself
  }
  const bool closed = !needs.variables && needs.lowest_local == std::numeric_limits<std::uint32_t>::max();
  if (closed && node.op != Op::constant && node.op != Op::present) evaluate_now(node, resources);
  return needs;
}

}  // namespace

bool asks_others(const Node& root) {
  return is_unique(root) || std::any_of(root.operands.begin(), root.operands.end(), asks_others);
}

bool fold(Node& root, Resources& resources) {
  return !fold_part(root, resources).variables;
}

}  // namespace usher::cel
