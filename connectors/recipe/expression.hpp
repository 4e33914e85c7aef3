#pragma once

#include <array>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/cel/program.hpp"
#include "state/model/json_path.hpp"
#include "state/model/settings.hpp"

namespace usher::recipe {

/// What expressions of a recipe may read. Which of them are known where, docs/recipes.md says.
enum class Variable : unsigned char {
  config,
  account,
  wanted,
  active,
  secret,
  membership,
  entitlement,
  memberships,
  key,
  fresh,
  token,
  refresh_token,
  status,
  headers,
  body,
  details,
  given,
  credential,
  answer,
  value,
  written,
  page,
  etag,
  members,
  count,
};
std::string_view to_string(Variable variable);
/// What it is and where it is known, in a phrase.
std::string_view about(Variable variable);

/// The variables of one recipe and their types: `config` and `wanted` are closed, so that a mistyped option
/// or attribute is found when the recipe is read. Immutable.
class Language {
 public:
  Language(cel::Type config, cel::Type wanted);

  const cel::Environment& environment() const { return environment_; }
  cel::Environment::Slot slot(Variable variable) const { return slots_[static_cast<std::size_t>(variable)]; }
  const cel::Type& type(Variable variable) const { return environment_.type(slot(variable)); }

 private:
  cel::Environment environment_;
  std::array<cel::Environment::Slot, static_cast<std::size_t>(Variable::count)> slots_{};
};

/// The values of the variables for one call. One a thread.
class Scope {
 public:
  explicit Scope(const Language& language);
  Scope(const Language& language, const nlohmann::json& config);

  Scope& set(Variable variable, const nlohmann::json& value);
  Scope& set_text(Variable variable, std::string_view text);
  cel::Bindings& bindings() { return bindings_; }

 private:
  const Language& language_;
  cel::Bindings bindings_;
};

/// One CEL expression of a recipe and where it stands.
class Expression {
 public:
  Expression(cel::Program program, SourceLocation place)
      : program_(std::move(program)), place_(std::move(place)) {}

  /// The value, or a sentence that says where and why there is none.
  tl::expected<nlohmann::json, std::string> evaluate(Scope& scope) const;
  /// Whether it comes to true; what fails is not true.
  bool holds(Scope& scope) const;
  const cel::Program& program() const { return program_; }
  const SourceLocation& place() const { return place_; }

 private:
  cel::Program program_;
  SourceLocation place_;
};

/// Text with expressions in braces: "/users/{account.id}". A value is percent-encoded where the text becomes
/// part of a URL, unless it is written {+config.prefix}, which keeps its slashes. {{ and }} are braces.
class TextTemplate {
 public:
  struct Piece {
    std::string literal;
    std::optional<Expression> expression;
    bool path = false;  ///< written with +: slashes stay
  };
  TextTemplate() = default;
  explicit TextTemplate(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  /// path: expressions are encoded; header: no line breaks; value: as it is, for the caller to encode.
  enum class For { path, header, value };
  /// hide: "***" stands in place of every expression that it holds for.
  tl::expected<std::string, std::string> expand(
      Scope& scope, For use, const std::function<bool(const Expression&)>& hide = {}) const;
  const std::vector<Piece>& pieces() const { return pieces_; }
  bool empty() const { return pieces_.empty(); }

 private:
  std::vector<Piece> pieces_;
};

/// JSON whose leaves are expressions. A member written with a question mark at its end is left out when its
/// value is null, empty or cannot be had.
struct BodyTemplate {
  struct Member;
  std::optional<Expression> leaf;
  bool list = false;
  std::vector<Member> members;  ///< of an object; of a list, names are empty

  tl::expected<nlohmann::json, std::string> evaluate(Scope& scope) const;
};
struct BodyTemplate::Member {
  std::string name;
  bool optional = false;
  BodyTemplate value;
};

}  // namespace usher::recipe
