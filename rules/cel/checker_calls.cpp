#include <fmt/format.h>

#include <algorithm>

#include "rules/cel/checker.hpp"
#include "state/model/suggestion.hpp"

// The checker's part that knows functions.
namespace usher::cel {

namespace {

using Form = Expression::Form;

std::string listed(const std::vector<Type>& types, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < types.size(); ++i) text += (text.empty() ? "" : ", ") + types[i].to_string();
  return text;
}

}  // namespace

Node Checker::check_call(const Expression& tree) {
  if (language_.macros) {
    if (auto macro = check_macro(tree)) return std::move(*macro);
  }
  if (tree.form == Form::call) {
    const std::string name = tree.text.starts_with('.') ? tree.text.substr(1) : tree.text;
    if (name == "lookup") return check_lookup(tree);
    return call(tree, name, false);
  }
  const Expression& target = tree.operands[0];
  const bool plain =
      target.form == Form::name && !environment_.find(target.text) &&
      std::none_of(locals_.begin(), locals_.end(), [&](const Local& l) { return l.name == target.text; });
  if (plain) {
    const std::string name = target.text + "." + tree.text;
    if (name == "math.greatest" || name == "math.least") return check_greatest(tree, name);
    if (!Library::standard().named(name).empty()) return call(tree, name, false);
  }
  return call(tree, tree.text, true);
}

Node Checker::call(const Expression& tree, const std::string& name, bool method) {
  Node node = made(Op::call, tree, Type::dyn());
  const bool qualified =
      tree.form == Form::method && !method;  // `math.abs(x)`: its target is part of the name
  const auto types = check_operands(tree, node, qualified ? 1 : 0);
  node.overloads = Library::standard().find(name, method, types.size());
  node.constant = Value::string(resources_.arena.copy(name));
  if (node.overloads.empty()) return failing(tree, why_not(name, method, types));
  std::optional<Type> result;
  for (const Overload& overload : node.overloads) {
    const auto given = overload.result_for(types);
    if (given) result = result && !(*result == *given) ? Type::dyn() : *given;
  }
  if (!result) mistake(tree, why_not(name, method, types));
  node.type = result.value_or(Type::dyn());
  if (name == "matches" && node.operands.size() == 2) read_pattern(tree, node);
  return node;
}

/// A regular expression that is a constant is read now, and what is wrong with it is a mistake.
void Checker::read_pattern(const Expression& tree, Node& node) {
  const Node& pattern = node.operands[1];
  if (pattern.op != Op::constant || !pattern.constant.is_string()) return;
  const auto text = pattern.constant.as_string();
  auto read = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), re2::RE2::Quiet);
  if (!read->ok()) {
    mistake(tree.operands.back(), "the regular expression cannot be read: " + read->error());
    return;
  }
  node.op = Op::matches;
  node.pattern = read.get();
  node.operands.pop_back();
  resources_.patterns.push_back(std::move(read));
}

std::string Checker::why_not(const std::string& name, bool method, const std::vector<Type>& types) const {
  const auto overloads = Library::standard().named(name);
  if (overloads.empty()) {
    const auto names = Library::standard().names();
    return fmt::format("unknown function '{}'{}", name, did_you_mean(name, names));
  }
  std::string known;
  for (const Overload* overload : overloads) known += (known.empty() ? "" : "; ") + overload->signature;
  const bool other_way = std::none_of(overloads.begin(), overloads.end(),
                                      [&](const Overload* o) { return o->method == method; });
  if (other_way && !method)
    return fmt::format("'{}' is called on a value, as in x.{}(…): {}", name, name, known);
  if (other_way) return fmt::format("'{}' is not called on a value, but as {}(x): {}", name, name, known);
  if (method) {
    return fmt::format("'{}' does not take {}.({}); there is {}", name, types[0].to_string(),
                       listed(types, 1), known);
  }
  return fmt::format("'{}' does not take ({}); there is {}", name, listed(types, 0), known);
}

/// `lookup("departments", key)` or with a default in the third place. The table is found now.
Node Checker::check_lookup(const Expression& tree) {
  const bool named = !tree.operands.empty() && tree.operands[0].form == Form::literal &&
                     tree.operands[0].literal.is_string();
  if (!named || tree.operands.size() < 2 || tree.operands.size() > 3) {
    return failing(tree, "lookup is written lookup(\"table\", key) or lookup(\"table\", key, default)");
  }
  const auto name = tree.operands[0].literal.as_string();
  auto table = environment_.find_table(name);
  if (!table) {
    const auto names = environment_.table_names();
    return failing(tree.operands[0], fmt::format("no table '{}'{}", name, did_you_mean(name, names)));
  }
  Node node = made(Op::lookup, tree, Type::string());
  node.constant = tree.operands[0].literal;
  node.table = &table->index;
  resources_.tables.push_back(std::move(table));
  const auto types = check_operands(tree, node, 1);
  if (!Type::string().accepts(types[0])) {
    mistake(tree.operands[1],
            fmt::format("the key of a table is a string, and this is a {}", types[0].to_string()));
  }
  if (types.size() == 2 && types[1].kind() != Kind::null) node.type = Type::join(Type::string(), types[1]);
  return node;
}

/// math.greatest and math.least take any number of arguments, or one list of them: they are given a list.
Node Checker::check_greatest(const Expression& tree, const std::string& name) {
  Expression list = tree;
  list.form = Form::list;
  list.operands.erase(list.operands.begin());
  if (list.operands.empty()) return failing(tree, "'" + name + "' needs at least one argument");
  Node items = check(list);
  const Type& given = items.type.element();
  const Type number = list.operands.size() == 1 && given.kind() == Kind::list ? given.element() : given;
  const Kind kind = number.kind();
  if (kind != Kind::integer && kind != Kind::unsigned_integer && kind != Kind::real && kind != Kind::dyn) {
    mistake(tree, fmt::format("'{}' compares numbers, not a {}", name, number.to_string()));
  }
  Node node = made(Op::call, tree, number);
  node.overloads = Library::standard().find(name, false, 1);
  node.constant = Value::string(resources_.arena.copy(name));
  node.operands.push_back(std::move(items));
  return node;
}

}  // namespace usher::cel
