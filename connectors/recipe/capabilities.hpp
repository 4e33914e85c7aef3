#pragma once

#include "connectors/recipe/recipe.hpp"
#include "state/model/capabilities.hpp"

namespace usher::recipe {

/// What a recipe's platform can do.
Capabilities capabilities_of(const Recipe& recipe);

}  // namespace usher::recipe
