#pragma once

#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/recipe/account_objects.hpp"
#include "connectors/recipe/listing.hpp"
#include "connectors/recipe/lookup.hpp"
#include "connectors/recipe/memberships.hpp"
#include "connectors/recipe/platform.hpp"
#include "connectors/recipe/prefetch.hpp"
#include "connectors/recipe/pull_position.hpp"

namespace usher::recipe {

/// Reads a platform whole, page by page: entitlements, then memberships, then accounts. A fetch is one
/// request for a page, and one for each account where a listing shows only a part; the first fetch also asks
/// who we are. Threads: one at a time. What it is made of must outlive it.
class RecipeReader {
 public:
  RecipeReader(const RecipePlatform& platform, const AccountObjects& objects, const AccountLookup& lookup,
               MembershipReader& memberships);

  /// See Connector::fetch.
  Outcome<Page> fetch(const std::string& cursor, const std::stop_token& stop);
  /// See Connector::prove_otherwise.
  bool prove_otherwise();

 private:
  Outcome<Page> fetch_phase(PullPosition position, const std::stop_token& stop);
  Outcome<Page> fetch_entitlements(PullPosition position, const std::stop_token& stop);
  Outcome<Page> fetch_edges(PullPosition position, const std::stop_token& stop);
  Outcome<Page> fetch_groups(PullPosition position, const std::stop_token& stop);
  Outcome<Page> fetch_members(PullPosition position, const std::stop_token& stop);
  Outcome<Page> fetch_accounts(PullPosition position, const std::stop_token& stop);
  Outcome<Page> fetch_accounts_again(PullPosition position, const std::stop_token& stop);
  const EntitlementRecipe& kind_at(const PullPosition& position) const;
  ListingState at_first(ListingState state, bool later) const;
  std::string next_cursor(PullPosition position, const std::optional<ListingState>& next) const;

  const RecipePlatform& platform_;
  const AccountObjects& objects_;
  const AccountLookup& lookup_;
  MembershipReader& memberships_;
  const std::vector<PullPhase> phases_;
  std::string self_, hidden_;  // who we are, and what is hidden from us, at the beginning of the pull
  bool twice_ = false;         // pages do not overlap here, whatever the recipe says: all is read twice
  ReplyParser parser_;
  Prefetch ahead_;  // last: it uses all of the above
};

}  // namespace usher::recipe
