#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/recipe/recipe.hpp"
#include "connectors/recipe/yaml.hpp"

namespace usher::recipe {

/// The variables that have a value at one place of a recipe.
using Known = std::vector<Variable>;

/// Turns parts of a YAML document into parts of a recipe. What cannot be turned is a mistake of the document,
/// and something harmless stands in for it, so that all mistakes are found in one go.
class Loader {
 public:
  Loader(Document& document, std::shared_ptr<const Language> language)
      : document_(document), language_(std::move(language)) {}

  std::optional<Expression> expression(const Node& node, const Known& known,
                                       const cel::Type& wanted = cel::Type::dyn());
  TextTemplate text(const Node& node, const Known& known);
  BodyTemplate tree(const Node& node, const Known& known);
  std::vector<std::pair<std::string, TextTemplate>> texts(const Node& node, const Known& known,
                                                          const std::string& what);
  std::vector<ErrorRule> errors(const Node& node, Known known);
  /// Reads `only` and `except`: a mapping of paths to a text or a list of them; without paths, of the item.
  ItemFilter filter(Mapping& from);

  /// Reads the keys of a call out of a mapping that may hold others.
  Call call(Mapping& from, const Known& known);
  /// One call, or a list of calls.
  std::vector<Call> calls(const Node& node, const Known& known, const std::string& what);
  Listing listing(const Node& node, const Known& known, const std::string& what);
  Listing listing(Mapping& from, const Known& known);
  /// One call, or a list of them.
  std::vector<Lookup> lookups(const Node& node, const Known& known, const std::string& what);
  std::optional<Lookup> lookup(const Node& node, const Known& known, const std::string& what);

  std::vector<AuthRecipe> auth(const Node& node);
  UserRecipe user(const Node& node, std::vector<AttributeRecipe> attributes);
  EntitlementRecipe entitlement(const std::string& kind, const Node& node);
  void check_batch(const Call& call, const Node& node);
  /// Reads `credentials` and `leaving`, and checks what names kinds of credentials and entitlements.
  void credentials(Mapping& top, Recipe& recipe);

  Document& document() { return document_; }

 private:
  std::optional<Expression> compile(const std::string& source, SourceLocation place, bool one_line,
                                    const Known& known, const cel::Type& wanted);
  Paging paging(const Node& node, const Call& call);
  AuthRecipe auth_method(const Node& node);
  void session(AuthRecipe& method, const Node& node);
  void oauth2(AuthRecipe& method, const Node& node);
  CreateRecipe create(const Node& node);
  CredentialRecipe credential(const std::string& kind, const Node& node);
  std::vector<Step> steps(const Node& node, const std::string& what);
  void lock(const Node& node, UserRecipe& user);
  MembershipReading memberships(const std::string& kind, const Node& node);

  Document& document_;
  std::shared_ptr<const Language> language_;
};

/// Whether one of the call's expressions is such; those of its `errors` and `expect` do not count.
bool any_expression(const Call& call, const std::function<bool(const cel::Program&)>& test);
/// Whether one of the call's expressions reads the variable.
bool uses(const Call& call, Variable variable);
/// Whether it sends a secret that this program makes.
inline bool sends_secret(const Call& call) {
  return uses(call, Variable::secret);
}

/// Reads `options`; names and types are checked.
std::vector<Option> load_options(Document& document, const Node& node);
/// Reads `user.attributes`.
std::vector<AttributeRecipe> load_attributes(Document& document, const Node& node);

}  // namespace usher::recipe
