#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/recipe/recipe.hpp"
#include "connectors/registry.hpp"

namespace usher::recipe {

/// Names of all recipes there are, sorted: in the folders, then built in; a name counts once.
std::vector<std::string> names(const ConnectorContext& context);

/// The recipe of that name; the first folder that has NAME.yaml wins over what is built in. null: there is
/// none. The mistakes of a recipe that cannot be loaded.
tl::expected<std::shared_ptr<const Recipe>, std::vector<Diagnostic>> find(const std::string& name,
                                                                          const ConnectorContext& context);

/// A recipe as it was found.
struct Source {
  std::string text;
  std::string file;  ///< its path; of one that is built in, built_in_mark and its name
};
inline constexpr std::string_view built_in_mark = "built-in ";

/// The text find() would read; nullopt: there is none. A configuration that lies in the folder is no recipe.
std::optional<Source> source(const std::string& name, const ConnectorContext& context);

}  // namespace usher::recipe
