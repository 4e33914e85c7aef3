#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/recipe/recipe.hpp"
#include "state/model/account.hpp"

namespace simdjson::dom {
class element;
}

// What is read from one item of a listing.
namespace usher::recipe {

/// Whether an item counts.
bool passes(const ItemFilter& filter, const simdjson::dom::element& item, Scope& scope);

/// The text, number or boolean at a dotted path as text; empty when there is none.
std::string text_at(const simdjson::dom::element& item, const std::string& path);

/// The texts at a dotted path; none when the path is empty, nullopt when something else stands there.
std::optional<std::vector<std::string>> details_at(const simdjson::dom::element& item,
                                                   const std::string& path);

/// What stands for a membership in a listing of memberships: its own id, or who is in what.
std::string edge_id_in(const simdjson::dom::element& item, const MembershipReading& reading);

Entitlement entitlement_in(const simdjson::dom::element& item, const EntitlementRecipe& kind);

}  // namespace usher::recipe
