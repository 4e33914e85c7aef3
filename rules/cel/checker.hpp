#pragma once

#include <memory>
#include <vector>

#include "rules/cel/diagnostic.hpp"
#include "rules/cel/environment.hpp"
#include "rules/cel/node.hpp"
#include "rules/cel/program.hpp"
#include "rules/cel/syntax.hpp"

namespace usher::cel {

/// What the operations of a program point to, besides the library.
struct Resources {
  Arena arena;  // texts of constants
  std::vector<std::unique_ptr<re2::RE2>> patterns;
  std::vector<std::shared_ptr<const Environment::Table>> tables;
  std::uint32_t locals = 0;  // how many names the macros bind at most at one time
};

/// Gives names, types and operations to a tree: what it refers to is resolved to slots, what cannot work is a
/// mistake. In a Language that is not checked, what has no meaning at all becomes an operation that fails.
class Checker {
 public:
  Checker(const Environment& environment, const Language& language, Resources& resources,
          std::vector<Diagnostic>& mistakes)
      : environment_(environment), language_(language), resources_(resources), mistakes_(mistakes) {}

  Node check(const Expression& tree);

 private:
  /// A name that a macro bound; its slot is its position.
  struct Local {
    std::string name;
    Type type;
  };

  Node made(Op op, const Expression& tree, Type type);
  void mistake(const Expression& tree, std::string message);
  Node failing(const Expression& tree, const std::string& message);
  std::vector<Type> check_operands(const Expression& tree, Node& node, std::size_t from = 0);

  Node check_name(const Expression& tree);
  Node check_select(const Expression& tree);
  Node select(const Expression& tree, Node target, Op op);
  Node check_index(const Expression& tree);
  Node check_list(const Expression& tree);
  Node check_map(const Expression& tree);
  Type check_element(const Expression& tree, Node& into);
  Node check_conditional(const Expression& tree);
  std::optional<Node> named(const Expression& tree, const std::string& name);

  // Operators, in checker_operators.cpp.
  Node check_operation(const Expression& tree);
  Type type_of_operation(const Expression& tree, Op op, const std::vector<Type>& types);
  bool explain_hyphen(const Expression& tree, std::size_t known);
  void ask_for_bool(const Expression& tree, const Node& node, const std::string& what);

  // Calls and macros, in checker_calls.cpp and checker_macros.cpp.
  Node check_call(const Expression& tree);
  Node call(const Expression& tree, const std::string& name, bool method);
  Node check_lookup(const Expression& tree);
  Node check_greatest(const Expression& tree, const std::string& name);
  void read_pattern(const Expression& tree, Node& node);
  std::string why_not(const std::string& name, bool method, const std::vector<Type>& types) const;
  std::optional<Node> check_macro(const Expression& tree);
  Node check_has(const Expression& tree);
  Node check_loop(const Expression& tree, Op op, std::size_t names);
  Node check_bind(const Expression& tree);
  Node check_optional_map(const Expression& tree, Op op);
  void open(std::string name, Type type);

  const Environment& environment_;
  const Language& language_;
  Resources& resources_;
  std::vector<Diagnostic>& mistakes_;
  std::vector<Local> locals_;
};

}  // namespace usher::cel
