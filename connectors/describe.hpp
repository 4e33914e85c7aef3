#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/registry.hpp"

namespace usher {

/// What a platform can and cannot do, a sentence a line, in a fixed order.
std::vector<std::string> in_words(const Capabilities& capabilities);

/// What the rules may say about what the platform cannot do, a sentence a line.
std::vector<std::string> choices(const Capabilities& capabilities);

/// One kind of connector, for who wants to use it.
struct Description {
  ConnectorKind kind;
  std::string documentation;  ///< where the vendor describes the API; may be empty
  std::string recipe;         ///< the recipe's text; empty: it is none
  std::optional<Capabilities>
      capabilities;  ///< as with all options at their defaults; none: what stands in the file
};

/// nullopt: no kind is called so. Throws std::runtime_error with file:line when its recipe is wrong.
std::optional<Description> describe_connector(const std::string& name, const ConnectorContext& context);

/// What is wrong with a recipe, and what it leaves to luck.
struct Lint {
  std::string name;  ///< the file, or "built-in acme.yaml"
  std::vector<Diagnostic> mistakes, warnings;
};

/// Judges a recipe's text. Mistakes come sorted by place; warnings only of a recipe without mistakes.
Lint lint_recipe(const std::string& text, const std::string& file);
/// Judges a recipe by its name, or by its file: a word with a slash, with a dot, or that is no name. Throws
/// std::runtime_error when there is none or it cannot be read.
Lint lint_connector(const std::string& word, const ConnectorContext& context);

/// Names of recipes that are there and do not load, sorted.
std::vector<std::string> broken_recipes(const ConnectorContext& context);

}  // namespace usher
