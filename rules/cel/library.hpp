#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cel/context.hpp"
#include "rules/cel/type.hpp"

namespace usher::cel {

/// What a function does. Its arguments are no errors and of the kinds that its signature says; a method's
/// first is what it is called on.
using Implementation = Value (*)(Context& context, std::span<const Value> arguments);

/// A function as it is declared: `string.charAt(int) -> string` is called on a string, `size(list(A)) -> int`
/// is not. Capital letters stand for any type.
struct Definition {
  std::string_view signature;
  Implementation run;
};

/// A Definition that has been read. Operators are declared the same way, for the checker, and have no `run`.
struct Overload {
  std::string signature;
  std::string name;
  bool method = false;
  std::vector<Type> parameters;
  std::array<std::uint32_t, 4> masks{};  // bit k is set where an argument of kind k is taken
  Type result = Type::dyn();
  Implementation run = nullptr;

  /// Whether values of these kinds may be its arguments.
  bool takes(std::span<const Value> arguments) const {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if ((masks[i] >> static_cast<unsigned>(arguments[i].kind()) & 1U) == 0) return false;
    }
    return true;
  }
  /// What it gives for arguments of these types; nothing where it does not take them.
  std::optional<Type> result_for(std::span<const Type> arguments) const;
};

/// Every function and operator of the language. Constant; one for all.
class Library {
 public:
  static const Library& standard();

  /// The overloads of one name, of one way to call it, that take that many arguments.
  std::span<const Overload> find(std::string_view name, bool method, std::size_t arguments) const;
  /// Every overload of a name.
  std::vector<const Overload*> named(std::string_view name) const;
  /// The names of all functions; no operators.
  std::vector<std::string_view> names() const;
  const std::vector<Overload>& overloads() const { return overloads_; }

 private:
  Library();
  std::vector<Overload> overloads_;  // by name, way to call, number of arguments
};

// The parts it is put together from: one file each, library_*.cpp.
std::span<const Definition> operator_signatures();
std::span<const Definition> conversion_functions();
std::span<const Definition> text_functions();
std::span<const Definition> time_functions();
std::span<const Definition> math_functions();
std::span<const Definition> optional_functions();
std::span<const Definition> identity_functions();

}  // namespace usher::cel
