#pragma once

#include "connectors/recipe/recipe.hpp"
#include "state/model/capabilities.hpp"
#include "state/model/operation.hpp"

namespace usher::recipe {

/// What a recipe's platform can do.
Capabilities capabilities_of(const Recipe& recipe);

/// Whether the account is as the operation wants it: what a repetition would find already done.
bool holds(const Operation& operation, const Account& account, const Capabilities& capabilities);

}  // namespace usher::recipe
