#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/recipe/recipe.hpp"
#include "connectors/registry.hpp"

namespace usher::recipe {

/// Names of all recipes there are, sorted: in the folders, then built in; a name counts once.
std::vector<std::string> names(const ConnectorContext& context);

/// The recipe of that name; the first folder that has NAME.yaml wins over what is built in. null: there is
/// none. The mistakes of a recipe that cannot be loaded.
tl::expected<std::shared_ptr<const Recipe>, std::vector<Mistake>> find(const std::string& name,
                                                                       const ConnectorContext& context);

/// The text of a recipe that is built in; nullopt: there is none. For `usher connector show --recipe`.
std::optional<std::string_view> built_in(const std::string& name);

}  // namespace usher::recipe
