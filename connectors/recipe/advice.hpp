#pragma once

#include <vector>

#include "connectors/recipe/recipe.hpp"

namespace usher::recipe {

/// What a recipe that loads leaves to luck or cannot do, though most platforms can, as it is with all options
/// at their defaults; each with its place and what to do about it.
std::vector<Diagnostic> advice(const Recipe& recipe);

}  // namespace usher::recipe
