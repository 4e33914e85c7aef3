#pragma once

#include <span>
#include <vector>

#include "connectors/recipe/recipe.hpp"
#include "state/model/account.hpp"
#include "state/model/operation.hpp"
#include "state/model/request_cost.hpp"

namespace usher::recipe {

/// See Connector::cost.
RequestCost cost_of(const Recipe& recipe, std::span<const Operation* const> operations,
                    const std::vector<Entitlement>& entitlements);

/// How many requests read a listing of so many items.
std::uint64_t pages_of(const Listing& listing, std::uint64_t items);

}  // namespace usher::recipe
