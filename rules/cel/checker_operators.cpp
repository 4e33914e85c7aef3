#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/cel/checker.hpp"

// The checker's part that knows the operators.
namespace usher::cel {

namespace {

struct Symbol {
  std::string_view text;
  Op op;
};

constexpr std::array<Symbol, 14> symbols{{{"&&", Op::all_of},
                                          {"||", Op::any_of},
                                          {"==", Op::equal},
                                          {"!=", Op::not_equal},
                                          {"<", Op::less},
                                          {"<=", Op::less_or_equal},
                                          {">", Op::greater},
                                          {">=", Op::greater_or_equal},
                                          {"in", Op::contained},
                                          {"+", Op::add},
                                          {"-", Op::subtract},
                                          {"*", Op::multiply},
                                          {"/", Op::divide},
                                          {"%", Op::modulo}}};

Op operation_of(const Expression& tree) {
  if (tree.operands.size() == 1) return tree.text == "!" ? Op::invert : Op::negate;
  return std::find_if(symbols.begin(), symbols.end(), [&](const Symbol& s) { return s.text == tree.text; })
      ->op;
}

bool is_number(const Type& type) {
  return type.kind() == Kind::integer || type.kind() == Kind::unsigned_integer || type.kind() == Kind::real;
}

/// Whether values of the two types can be equal: of one kind, both numbers, or one of them null.
bool comparable(const Type& left, const Type& right) {
  return left.accepts(right) || right.accepts(left) || (is_number(left) && is_number(right)) ||
         left.kind() == Kind::null || right.kind() == Kind::null;
}

bool ordered(const Type& left, const Type& right) {
  static constexpr std::array unordered{Kind::null,   Kind::list, Kind::map,
                                        Kind::object, Kind::type, Kind::optional};
  for (const Type* type : {&left, &right}) {
    if (std::find(unordered.begin(), unordered.end(), type->kind()) != unordered.end()) return false;
  }
  return left.accepts(right) || (is_number(left) && is_number(right));
}

bool may_contain(const Type& container, const Type& needle) {
  if (container.is_dyn()) return true;
  if (container.kind() == Kind::list) return comparable(container.element(), needle);
  if (container.kind() != Kind::map && container.kind() != Kind::object) return false;
  return comparable(container.element(), needle);
}

/// What would make the operands fit each other.
std::string advice(const std::vector<Type>& types) {
  if (types.size() != 2 || types[0] == types[1]) return {};
  const bool text = types[0].kind() == Kind::string || types[1].kind() == Kind::string;
  const Type& other = types[0].kind() == Kind::string ? types[1] : types[0];
  if (text && is_number(other)) return fmt::format("; convert with string(…) or {}(…)", other.to_string());
  if (is_number(types[0]) && is_number(types[1]))
    return fmt::format("; convert with {}(…)", types[0].to_string());
  if (text && (other.kind() == Kind::timestamp || other.kind() == Kind::duration)) {
    return fmt::format("; convert with {}(…)", other.to_string());
  }
  return {};
}

/// The name that an expression begins with: `mail` of `mail.lowerAscii()`; null when it begins otherwise.
const Expression* beginning(const Expression& tree) {
  using Form = Expression::Form;
  if (tree.form == Form::name) return &tree;
  const bool goes_on = tree.form == Form::select || tree.form == Form::index || tree.form == Form::method;
  return goes_on && !tree.operands.empty() ? beginning(tree.operands[0]) : nullptr;
}

}  // namespace

/// `record.E-Mail` is a difference of `record.E` and `Mail`; when nothing is called Mail, a column E-Mail was
/// meant. Puts that in place of the mistakes since `known`; false: it is another difference.
bool Checker::explain_hyphen(const Expression& tree, std::size_t known) {
  if (tree.text != "-" || tree.operands.size() != 2 || tree.operands[0].form != Expression::Form::select)
    return false;
  const Expression& left = tree.operands[0];
  const Expression* right = beginning(tree.operands[1]);
  if (right == nullptr || right->begin != left.end + 1) return false;
  const auto unknown =
      std::find_if(mistakes_.begin() + static_cast<std::ptrdiff_t>(known), mistakes_.end(),
                   [&](const Diagnostic& mistake) {
                     return mistake.offset == right->begin && mistake.message.starts_with("unknown name");
                   });
  if (unknown == mistakes_.end()) return false;
  const Expression* variable = beginning(left.operands[0]);
  unknown->message =
      fmt::format("unknown name '{}'; a name with '-' in it stands in brackets: {}[\"{}-{}\"]", right->text,
                  variable != nullptr && left.operands[0].form == Expression::Form::name ? variable->text
                                                                                         : std::string("…"),
                  left.text, right->text);
  return true;
}

Node Checker::check_operation(const Expression& tree) {
  const Op op = operation_of(tree);
  Node node = made(op, tree, Type::dyn());
  const std::size_t known = mistakes_.size();
  const auto types = check_operands(tree, node);
  if (explain_hyphen(tree, known)) return node;
  if (op == Op::all_of || op == Op::any_of || op == Op::invert) {
    node.type = Type::boolean();
    for (std::size_t i = 0; i < types.size(); ++i) {
      ask_for_bool(tree.operands[i], node.operands[i], fmt::format("an operand of '{}'", tree.text));
    }
  } else {
    node.type = type_of_operation(tree, op, types);
  }
  return node;
}

Type Checker::type_of_operation(const Expression& tree, Op op, const std::vector<Type>& types) {
  bool fits = true;
  Type result = Type::boolean();
  switch (op) {
    case Op::equal:
    case Op::not_equal:
      fits = comparable(types[0], types[1]);
      break;
    case Op::less:
    case Op::less_or_equal:
    case Op::greater:
    case Op::greater_or_equal:
      fits = ordered(types[0], types[1]);
      break;
    case Op::contained:
      fits = may_contain(types[1], types[0]);
      break;
    default: {
      std::optional<Type> found;
      for (const Overload& overload : Library::standard().find(tree.text, false, types.size())) {
        const auto given = overload.result_for(types);
        if (given) found = found && !(*found == *given) ? Type::dyn() : *given;
      }
      fits = found.has_value();
      result = found.value_or(Type::dyn());
    }
  }
  if (fits) return result;
  if (types.size() == 1) {
    mistake(tree, fmt::format("'{}' does not take a {}", tree.text, types[0].to_string()));
  } else {
    mistake(tree, fmt::format("'{}' does not take {} and {}{}", tree.text, types[0].to_string(),
                              types[1].to_string(), advice(types)));
  }
  return result;
}

void Checker::ask_for_bool(const Expression& tree, const Node& node, const std::string& what) {
  if (Type::boolean().accepts(node.type)) return;
  mistakes_.push_back({tree.begin, tree.end - tree.begin,
                       fmt::format("{} must be a bool, and this is a {}", what, node.type.to_string())});
}

}  // namespace usher::cel
