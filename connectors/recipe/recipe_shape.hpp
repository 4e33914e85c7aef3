#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/recipe/recipe.hpp"
#include "rules/yaml/shape.hpp"
#include "rules/yaml/shape_sections.hpp"

// One table says which keys of a recipe the loader reads, what its JSON Schema tells editors and what its
// manual page tells people: each function answers the shape of one value, and its table lasts for ever.
namespace usher::recipe {

/// A map of `base`'s keys and some more.
/// REQUIRES: base has a name.
Shape with_keys_of(const Shape& base, const std::string& expects, std::vector<Key> more);

const Shape& recipe_shape();
const Shape& option_shape();
const Shape& http_shape();
const Shape& budget_shape();
const Shape& secrets_shape();
const Shape& variant_shape();

const Shape& auth_shape();  ///< `none`, a method or a list of them
const Shape& method_shape();
const Shape& basic_shape();
const Shape& session_shape();
const Shape& oauth2_shape();

const Shape& errors_shape();  ///< a list of rules
const Shape& error_shape();
const Shape& call_shape();
const Shape& calls_shape();  ///< one, or a list
const Shape& replace_shape();
const Shape& lookup_shape();
const Shape& listing_shape();
const Shape& count_shape();
const Shape& pages_shape();      ///< `none`, or a map
const Shape& any_pages_shape();  ///< what all ways have
const Shape& pages_shape(PagingKind by);
/// The way that is called so; nullopt: none is.
std::optional<PagingKind> paging_kind(std::string_view name);
const Shape& no_proof_shape();

const Shape& user_shape();
const Shape& active_shape();
const Shape& attribute_shape();
const Shape& create_shape();
const Shape& route_shape();
const Shape& steps_shape();  ///< one, or a list
const Shape& credential_step_shape();
const Shape& lock_shape();  ///< a map with `steps`

const Shape& entitlement_shape();
const Shape& managed_listing_shape();
const Shape& batch_shape();
const Shape& memberships_shape();  ///< one of the three that follow
const Shape& memberships_of_user_shape();
const Shape& memberships_listed_shape();
const Shape& memberships_per_shape();
const Shape& own_listing_shape();
const Shape& credential_shape();

/// A draft 2020-12 JSON Schema of recipes, for editors.
std::string recipe_json_schema();

/// Every map of a recipe and its keys.
std::vector<ShapeSection> recipe_sections();

}  // namespace usher::recipe
