#include "rules/cel/library.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace usher::cel {

namespace {

constexpr std::uint32_t bit(Kind kind) {
  return 1U << static_cast<unsigned>(kind);
}
constexpr std::uint32_t every_value = ~(bit(Kind::absent) | bit(Kind::error));

std::uint32_t mask(const Type& type) {
  if (type.is_dyn() || type.kind() == Kind::parameter) return every_value;
  if (type.kind() == Kind::map) return bit(Kind::map) | bit(Kind::object);
  return bit(type.kind());
}

/// Reads `string.split(string, int) -> list(string)`.
class SignatureReader {
 public:
  explicit SignatureReader(std::string_view text) : text_(text), rest_(text) {}

  Overload read() {
    Overload overload;
    overload.signature = text_;
    const std::size_t opening = name_end();
    std::string_view head = rest_.substr(0, opening);
    if (const std::size_t dot = receiver_end(head); dot != std::string_view::npos) {
      rest_ = head.substr(0, dot);
      overload.method = true;
      overload.parameters.push_back(type());
      head.remove_prefix(dot + 1);
    }
    overload.name = head;
    rest_ = text_.substr(opening + 1);
    while (!skip(")")) {
      overload.parameters.push_back(type());
      skip(", ");
    }
    if (!skip(" -> ")) throw std::logic_error("no result in the signature " + std::string(text_));
    overload.result = type();
    std::transform(overload.parameters.begin(), overload.parameters.end(), overload.masks.begin(), mask);
    return overload;
  }

 private:
  /// Where the parenthesis of the arguments opens: the last one on the left of the arrow that is not a
  /// type's.
  std::size_t name_end() const {
    int depth = 0;
    for (std::size_t i = text_.rfind(" -> "); i-- > 0;) {
      if (text_[i] == ')') ++depth;
      if (text_[i] == '(' && --depth == 0) return i;
    }
    throw std::logic_error("no arguments in the signature " + std::string(text_));
  }

  /// Where a type ends that the function is called on; `math.abs` is a name with a dot and no type.
  static std::size_t receiver_end(std::string_view head) {
    const std::size_t dot = head.rfind('.');
    if (dot == std::string_view::npos) return dot;
    static constexpr std::string_view spaces[] = {"math", "strings", "base64", "optional"};
    const bool space =
        std::find(std::begin(spaces), std::end(spaces), head.substr(0, dot)) != std::end(spaces);
    return space ? std::string_view::npos : dot;
  }

  bool skip(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  Type inside() {
    skip("(");
    Type type = this->type();
    if (!skip(")")) skip(", ");
    return type;
  }

  Type type() {
    const std::size_t end = std::min(rest_.find_first_of("(), "), rest_.size());
    const std::string_view name = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (name.size() == 1) return Type::parameter(name[0]);
    if (name == "list") return Type::list(inside());
    if (name == "optional") return Type::optional(inside());
    if (name == "map") {
      Type key = inside();
      return Type::map(std::move(key), inside());
    }
    static const std::vector<std::pair<std::string_view, Type>> simple{{"dyn", Type::dyn()},
                                                                       {"null", Type::null()},
                                                                       {"bool", Type::boolean()},
                                                                       {"int", Type::integer()},
                                                                       {"uint", Type::unsigned_integer()},
                                                                       {"double", Type::real()},
                                                                       {"string", Type::string()},
                                                                       {"bytes", Type::bytes()},
                                                                       {"timestamp", Type::timestamp()},
                                                                       {"duration", Type::duration()},
                                                                       {"type", Type::type()}};
    for (const auto& [known, meaning] : simple) {
      if (name == known) return meaning;
    }
    throw std::logic_error("unknown type in the signature " + std::string(text_));
  }

  std::string_view text_, rest_;
};

auto order_of(const Overload& overload) {
  return std::tuple(std::string_view(overload.name), overload.method, overload.parameters.size());
}

using Solution = std::map<char, Type>;

bool unify(const Type& parameter, const Type& argument, Solution& solution) {
  if (parameter.kind() == Kind::parameter) {
    const auto [known, fresh] = solution.try_emplace(parameter.letter(), argument);
    if (fresh || known->second == argument) return true;
    if (!known->second.accepts(argument)) return false;
    known->second = Type::join(known->second, argument);
    return true;
  }
  if (parameter.is_dyn() || argument.is_dyn()) return true;
  if (parameter.kind() == Kind::map && argument.kind() == Kind::object) {
    return unify(parameter.element(), Type::string(), solution) &&
           unify(parameter.value(), argument.value(), solution);
  }
  if (parameter.kind() != argument.kind()) return false;
  const bool holds = parameter.kind() == Kind::list || parameter.kind() == Kind::optional;
  if (holds) return unify(parameter.element(), argument.element(), solution);
  if (parameter.kind() != Kind::map) return true;
  return unify(parameter.element(), argument.element(), solution) &&
         unify(parameter.value(), argument.value(), solution);
}

Type substitute(const Type& type, const Solution& solution) {
  switch (type.kind()) {
    case Kind::parameter: {
      const auto known = solution.find(type.letter());
      return known == solution.end() ? Type::dyn() : known->second;
    }
    case Kind::list:
      return Type::list(substitute(type.element(), solution));
    case Kind::optional:
      return Type::optional(substitute(type.element(), solution));
    case Kind::map:
      return Type::map(substitute(type.element(), solution), substitute(type.value(), solution));
    default:
      return type;
  }
}

}  // namespace

std::optional<Type> Overload::result_for(std::span<const Type> arguments) const {
  if (arguments.size() != parameters.size()) return std::nullopt;
  Solution solution;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!unify(parameters[i], arguments[i], solution)) return std::nullopt;
  }
  return substitute(result, solution);
}

Library::Library() {
  for (const auto& part : {operator_signatures(), conversion_functions(), text_functions(), time_functions(),
                           math_functions(), optional_functions(), identity_functions()}) {
    for (const Definition& definition : part) {
      overloads_.push_back(SignatureReader(definition.signature).read());
      overloads_.back().run = definition.run;
    }
  }
  std::stable_sort(overloads_.begin(), overloads_.end(),
                   [](const Overload& a, const Overload& b) { return order_of(a) < order_of(b); });
}

const Library& Library::standard() {
  static const Library library;
  return library;
}

std::span<const Overload> Library::find(std::string_view name, bool method, std::size_t arguments) const {
  const auto wanted = std::tuple(name, method, arguments);
  const auto first =
      std::partition_point(overloads_.begin(), overloads_.end(),
                           [&](const Overload& overload) { return order_of(overload) < wanted; });
  const auto last = std::partition_point(
      first, overloads_.end(), [&](const Overload& overload) { return order_of(overload) == wanted; });
  return {first, last};
}

std::vector<const Overload*> Library::named(std::string_view name) const {
  std::vector<const Overload*> found;
  for (const Overload& overload : overloads_) {
    if (overload.name == name) found.push_back(&overload);
  }
  return found;
}

std::vector<std::string_view> Library::names() const {
  std::vector<std::string_view> all;
  for (const Overload& overload : overloads_) {
    if (overload.run != nullptr && (all.empty() || all.back() != overload.name))
      all.emplace_back(overload.name);
  }
  return all;
}

}  // namespace usher::cel
