#include <fmt/format.h>

#include <array>

#include "rules/cel/checker.hpp"

// The checker's part that knows macros: calls that bind names, or look at an expression rather than at its
// value.
namespace usher::cel {

namespace {

using Form = Expression::Form;

/// A macro called on a list or map: `e.name(x, …)`, with one name bound or two.
struct Loop {
  std::string_view name;
  std::size_t arguments;
  std::size_t names;
  Op op;
};

constexpr std::array<Loop, 16> loops{{{"all", 2, 1, Op::for_all},
                                      {"exists", 2, 1, Op::exists},
                                      {"exists_one", 2, 1, Op::exists_one},
                                      {"existsOne", 2, 1, Op::exists_one},
                                      {"map", 2, 1, Op::collect},
                                      {"map", 3, 1, Op::collect},
                                      {"filter", 2, 1, Op::filter},
                                      {"all", 3, 2, Op::for_all},
                                      {"exists", 3, 2, Op::exists},
                                      {"exists_one", 3, 2, Op::exists_one},
                                      {"existsOne", 3, 2, Op::exists_one},
                                      {"transformList", 3, 2, Op::collect},
                                      {"transformList", 4, 2, Op::collect},
                                      {"transformMap", 3, 2, Op::collect_map},
                                      {"transformMap", 4, 2, Op::collect_map},
                                      {"transformMapEntry", 3, 2, Op::collect_entries}}};

bool bindable(const Expression& tree) {
  return tree.form == Form::name && !tree.text.starts_with('.');
}

constexpr auto not_bindable = "a name to bind belongs here, as x in list.all(x, x > 0)";

bool is_predicate(Op op) {
  return op == Op::for_all || op == Op::exists || op == Op::exists_one || op == Op::filter;
}

}  // namespace

std::optional<Node> Checker::check_macro(const Expression& tree) {
  if (tree.form == Form::call) {
    if (tree.text == "has" && tree.operands.size() == 1) return check_has(tree);
    return std::nullopt;
  }
  const std::size_t arguments = tree.operands.size() - 1;
  if (tree.text == "bind" && arguments == 3 && tree.operands[0].form == Form::name &&
      tree.operands[0].text == "cel") {
    return check_bind(tree);
  }
  if (tree.text == "optMap" && arguments == 2) return check_optional_map(tree, Op::map_optional);
  if (tree.text == "optFlatMap" && arguments == 2) return check_optional_map(tree, Op::flatten_optional);
  if (tree.text == "transformMapEntry" && arguments == 4) return check_loop(tree, Op::collect_entries, 2);
  for (const Loop& loop : loops) {
    if (loop.name == tree.text && loop.arguments == arguments) return check_loop(tree, loop.op, loop.names);
  }
  return std::nullopt;
}

Node Checker::check_has(const Expression& tree) {
  const Expression& field = tree.operands[0];
  if (field.form != Form::select) {
    return failing(tree, "has() asks for a field, as in has(record.mail)");
  }
  Node node = select(field, check(field.operands[0]), Op::has);
  node.begin = tree.begin;
  node.end = tree.end;
  return node;
}

void Checker::open(std::string name, Type type) {
  locals_.push_back({std::move(name), std::move(type)});
  resources_.locals = std::max(resources_.locals, static_cast<std::uint32_t>(locals_.size()));
}

Node Checker::check_loop(const Expression& tree, Op op, std::size_t names) {
  for (std::size_t i = 1; i <= names; ++i) {
    if (!bindable(tree.operands[i])) return failing(tree.operands[i], not_bindable);
  }
  if (names == 2 && tree.operands[1].text == tree.operands[2].text) {
    return failing(tree, "the two names of this macro must differ");
  }
  Node node = made(op, tree, Type::boolean());
  node.two_names = names == 2;
  node.slot = static_cast<std::uint32_t>(locals_.size());
  node.operands.push_back(check(tree.operands[0]));
  const Type range = node.operands[0].type;
  const bool map = range.kind() == Kind::map || range.kind() == Kind::object;
  if (!map && range.kind() != Kind::list && !range.is_dyn()) {
    mistake(tree, fmt::format("'{}' goes through a list or map, not a {}", tree.text, range.to_string()));
  }
  Type key = map ? range.element() : Type::integer();
  if (range.is_dyn()) key = Type::dyn();
  const Type item = map ? range.value() : range.element();
  if (names == 1) {
    open(tree.operands[1].text, map ? key : item);
  } else {
    open(tree.operands[1].text, key);
    open(tree.operands[2].text, item);
  }
  check_operands(tree, node, names + 1);
  locals_.erase(locals_.end() - static_cast<std::ptrdiff_t>(names), locals_.end());
  const bool conditional = is_predicate(op) || node.operands.size() == 3;
  if (conditional)
    ask_for_bool(tree.operands[names + 1], node.operands[1], "the condition of '" + tree.text + "'");
  const Type& last = node.operands.back().type;
  if (op == Op::filter) node.type = Type::list(map ? key : item);
  if (op == Op::collect) node.type = Type::list(last);
  if (op == Op::collect_map) node.type = Type::map(key, last);
  if (op == Op::collect_entries)
    node.type = last.kind() == Kind::map ? last : Type::map(Type::dyn(), Type::dyn());
  return node;
}

Node Checker::check_bind(const Expression& tree) {
  if (!bindable(tree.operands[1])) return failing(tree.operands[1], not_bindable);
  Node node = made(Op::bind, tree, Type::dyn());
  node.slot = static_cast<std::uint32_t>(locals_.size());
  node.operands.push_back(check(tree.operands[2]));
  open(tree.operands[1].text, node.operands[0].type);
  node.operands.push_back(check(tree.operands[3]));
  locals_.pop_back();
  node.type = node.operands[1].type;
  return node;
}

Node Checker::check_optional_map(const Expression& tree, Op op) {
  if (!bindable(tree.operands[1])) return failing(tree.operands[1], not_bindable);
  Node node = made(op, tree, Type::dyn());
  node.slot = static_cast<std::uint32_t>(locals_.size());
  node.operands.push_back(check(tree.operands[0]));
  open(tree.operands[1].text, node.operands[0].type.element());
  node.operands.push_back(check(tree.operands[2]));
  locals_.pop_back();
  const Type& result = node.operands[1].type;
  node.type = op == Op::map_optional ? Type::optional(result) : result;
  return node;
}

}  // namespace usher::cel
