#pragma once

#include <optional>

#include "connectors/connector.hpp"
#include "connectors/recipe/account_objects.hpp"
#include "connectors/recipe/lookup.hpp"
#include "connectors/recipe/memberships.hpp"

namespace usher::recipe {

/// Asks for what a listing does not show of the accounts on a page, some accounts at a time in threads of
/// their own. An account that is listed and not found is left out and told of: the page proves nothing then.
std::optional<Failure> complete(Page& page, const Listing& listing, const RecipePlatform& platform,
                                const AccountObjects& objects, const AccountLookup& lookup,
                                const MembershipReader& memberships, const std::stop_token& stop);

}  // namespace usher::recipe
