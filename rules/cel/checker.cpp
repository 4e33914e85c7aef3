#include "rules/cel/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "state/model/suggestion.hpp"

namespace usher::cel {

namespace {

using Form = Expression::Form;

constexpr std::array<Kind, 11> kinds_with_names{
    Kind::null,  Kind::boolean, Kind::integer, Kind::unsigned_integer, Kind::real,    Kind::string,
    Kind::bytes, Kind::list,    Kind::map,     Kind::timestamp,        Kind::duration};

/// The type a name stands for, where it stands for one: `int`, `google.protobuf.Timestamp`.
std::string_view type_named(std::string_view name) {
  for (const Kind kind : kinds_with_names) {
    if (name == type_name(kind)) return type_name(kind);
  }
  for (const Kind kind : {Kind::type, Kind::optional}) {
    if (name == type_name(kind)) return type_name(kind);
  }
  return {};
}

/// `a.b.c` where a tree is nothing but names and dots, otherwise empty.
std::string dotted(const Expression& tree) {
  if (tree.form == Form::name) return tree.text;
  if (tree.form != Form::select || tree.optional) return {};
  const std::string target = dotted(tree.operands[0]);
  return target.empty() ? target : target + "." + tree.text;
}

const Expression& first_name(const Expression& tree) {
  return tree.form == Form::select ? first_name(tree.operands[0]) : tree;
}

Type literal_type(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
      return Type::boolean();
    case Kind::integer:
      return Type::integer();
    case Kind::unsigned_integer:
      return Type::unsigned_integer();
    case Kind::real:
      return Type::real();
    case Kind::string:
      return Type::string();
    case Kind::bytes:
      return Type::bytes();
    default:
      return Type::null();
  }
}

}  // namespace

Node Checker::made(Op op, const Expression& tree, Type type) {
  Node node;
  node.op = op;
  node.begin = tree.begin;
  node.end = tree.end;
  node.type = std::move(type);
  return node;
}

void Checker::mistake(const Expression& tree, std::string message) {
  mistakes_.push_back({tree.at, tree.at_length, std::move(message)});
}

/// For what has no meaning: a mistake, and an operation that fails with it.
Node Checker::failing(const Expression& tree, const std::string& message) {
  mistake(tree, message);
  Node node = made(Op::constant, tree, Type::dyn());
  const Failure failure{resources_.arena.copy(message), tree.begin, tree.end - tree.begin};
  node.constant = Value::error(*resources_.arena.make(failure));
  return node;
}

Node Checker::check(const Expression& tree) {
  switch (tree.form) {
    case Form::literal: {
      Node node = made(Op::constant, tree, literal_type(tree.literal));
      node.constant = tree.literal;
      return node;
    }
    case Form::name:
      return check_name(tree);
    case Form::select:
      return check_select(tree);
    case Form::index:
      return check_index(tree);
    case Form::call:
    case Form::method:
      return check_call(tree);
    case Form::operation:
      return check_operation(tree);
    case Form::conditional:
      return check_conditional(tree);
    case Form::list:
      return check_list(tree);
    case Form::map:
      return check_map(tree);
    case Form::if_present:
      break;  // lists and maps see to their elements themselves
  }
  return failing(tree, "'?' stands before an element of a list or a key of a map only");
}

std::vector<Type> Checker::check_operands(const Expression& tree, Node& node, std::size_t from) {
  std::vector<Type> types;
  for (std::size_t i = from; i < tree.operands.size(); ++i) {
    node.operands.push_back(check(tree.operands[i]));
    types.push_back(node.operands.back().type);
  }
  return types;
}

/// What a whole dotted name stands for: a variable or a type.
std::optional<Node> Checker::named(const Expression& tree, const std::string& name) {
  const std::string plain = name.starts_with('.') ? name.substr(1) : name;
  if (const auto slot = environment_.find(plain)) {
    Node node = made(Op::variable, tree, environment_.type(*slot));
    node.slot = *slot;
    node.constant = Value::string(resources_.arena.copy(plain));
    return node;
  }
  if (const std::string_view type = type_named(plain); !type.empty()) {
    Node node = made(Op::constant, tree, Type::type());
    node.constant = Value::type(type);
    return node;
  }
  return std::nullopt;
}

Node Checker::check_name(const Expression& tree) {
  for (std::size_t i = locals_.size(); i-- > 0;) {
    if (locals_[i].name != tree.text) continue;
    Node node = made(Op::local, tree, locals_[i].type);
    node.slot = static_cast<std::uint32_t>(i);
    return node;
  }
  if (auto node = named(tree, tree.text)) return *node;
  std::vector<std::string_view> names;
  for (const Local& local : locals_) names.emplace_back(local.name);
  for (Environment::Slot slot = 0; slot < environment_.size(); ++slot)
    names.emplace_back(environment_.name(slot));
  const std::string otherwise = fmt::format("; a text stands in quotes: \"{}\"", tree.text);
  return failing(tree,
                 fmt::format("unknown name '{}'{}", tree.text, did_you_mean(tree.text, names, otherwise)));
}

Node Checker::check_select(const Expression& tree) {
  if (const std::string name = dotted(tree); !name.empty()) {
    const std::string& root = first_name(tree).text;
    const bool local =
        std::any_of(locals_.begin(), locals_.end(), [&](const Local& l) { return l.name == root; });
    if (!local) {
      if (auto node = named(tree, name)) return *node;
    }
  }
  return select(tree, check(tree.operands[0]), tree.optional ? Op::select_maybe : Op::select);
}

/// A field of what has been checked already: by slot where the fields are known, by name where they are not.
Node Checker::select(const Expression& tree, Node target, Op op) {
  const bool in_optional = target.type.kind() == Kind::optional;
  const Type inner = in_optional ? target.type.element() : target.type;
  Type result = Type::dyn();
  std::optional<std::uint32_t> slot;
  if (inner.kind() == Kind::object) {
    slot = inner.slot(tree.text);
    if (!slot) {
      std::vector<std::string_view> names;
      for (const auto& field : inner.fields()) names.emplace_back(field.first);
      return failing(tree, fmt::format("no such field: '{}'{}", tree.text, did_you_mean(tree.text, names)));
    }
    result = inner.fields()[*slot].second;
  } else if (inner.kind() == Kind::map) {
    result = inner.value();
  } else if (!inner.is_dyn()) {
    mistake(tree, fmt::format("no such field: '{}': a {} has no fields", tree.text, inner.to_string()));
  }
  if (op == Op::has) {
    result = Type::boolean();
  } else if (op == Op::select_maybe || in_optional) {
    result = Type::optional(result);
  }
  Node node = made(op == Op::select && slot && !in_optional ? Op::field : op, tree, result);
  node.slot = slot.value_or(0);
  if (node.op == Op::field && target.op == Op::variable) {
    node.variable = target.slot;
    node.object = target.type.identity();
  }
  node.constant = Value::string(resources_.arena.copy(tree.text));
  node.operands.push_back(std::move(target));
  return node;
}

Node Checker::check_index(const Expression& tree) {
  Node node = made(tree.optional ? Op::index_maybe : Op::index, tree, Type::dyn());
  const auto types = check_operands(tree, node);
  const bool in_optional = types[0].kind() == Kind::optional;
  const Type container = in_optional ? types[0].element() : types[0];
  const Node& key = node.operands[1];
  if (container.kind() == Kind::object && key.op == Op::constant && key.constant.is_string() &&
      !tree.optional) {
    Expression field = tree;
    field.text = key.constant.as_string();
    Node target = std::move(node.operands[0]);
    return select(field, std::move(target), Op::select);
  }
  Type result = Type::dyn();
  bool fits = true;
  if (container.kind() == Kind::list) {
    result = container.element();
    const Kind kind = types[1].kind();
    fits = kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::real || kind == Kind::dyn;
  } else if (container.kind() == Kind::map || container.kind() == Kind::object) {
    result = container.value();
    const bool numbers =
        Type::join(Type::integer(), types[1]).is_dyn() && container.element().kind() != Kind::string;
    fits = container.element().accepts(types[1]) || numbers;
  } else {
    fits = container.is_dyn();
  }
  if (!fits) {
    mistake(tree, fmt::format("no element of a {} can be found by a {}", container.to_string(),
                              types[1].to_string()));
  }
  node.type = tree.optional || in_optional ? Type::optional(result) : result;
  return node;
}

/// Checks an element of a list, or a key or value of a map, into a node; gives its type.
Type Checker::check_element(const Expression& tree, Node& into) {
  if (tree.form != Form::if_present) {
    into.operands.push_back(check(tree));
    return into.operands.back().type;
  }
  Node present = made(Op::present, tree, Type::dyn());
  present.operands.push_back(check(tree.operands[0]));
  present.type = present.operands[0].type;
  into.operands.push_back(std::move(present));
  return into.operands.back().type;
}

Node Checker::check_list(const Expression& tree) {
  Node node = made(Op::list, tree, Type::dyn());
  std::optional<Type> common;
  for (const Expression& operand : tree.operands) {
    Type type = check_element(operand, node);
    if (operand.form == Form::if_present) {
      if (!Type::optional(Type::dyn()).accepts(type)) {
        mistake(operand, "'?' stands before an optional, and this is a " + type.to_string());
      }
      type = Type(type.element());
    }
    common = common ? Type::join(*common, type) : type;
  }
  node.type = Type::list(common.value_or(Type::dyn()));
  return node;
}

Node Checker::check_map(const Expression& tree) {
  Node node = made(Op::map, tree, Type::dyn());
  std::optional<Type> keys;
  std::optional<Type> values;
  for (std::size_t i = 0; i < tree.operands.size(); i += 2) {
    const bool maybe = tree.operands[i].form == Form::if_present;
    const Type key = check_element(tree.operands[i], node);
    Type value = check_element(tree.operands[i + 1], node);
    const Kind kind = key.kind();
    if (kind != Kind::string && kind != Kind::integer && kind != Kind::unsigned_integer &&
        kind != Kind::boolean && kind != Kind::dyn) {
      mistake(tree, fmt::format("a {} cannot be a key of a map; keys are strings, ints, uints or bools",
                                key.to_string()));
    }
    if (maybe) {
      if (!Type::optional(Type::dyn()).accepts(value)) {
        mistake(tree.operands[i], "'?' stands before an optional, and this is a " + value.to_string());
      }
      value = Type(value.element());
    }
    keys = keys ? Type::join(*keys, key) : key;
    values = values ? Type::join(*values, value) : value;
  }
  node.type = Type::map(keys.value_or(Type::dyn()), values.value_or(Type::dyn()));
  return node;
}

Node Checker::check_conditional(const Expression& tree) {
  Node node = made(Op::conditional, tree, Type::dyn());
  const auto types = check_operands(tree, node);
  ask_for_bool(tree.operands[0], node.operands[0], "what stands before '?'");
  const bool null = types[1].kind() == Kind::null || types[2].kind() == Kind::null;
  if (null) {
    node.type = types[1].kind() == Kind::null ? types[2] : types[1];  // null may stand for "no value"
  } else {
    node.type = Type::join(types[1], types[2]);
  }
  return node;
}

}  // namespace usher::cel
