#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/recipe/paging.hpp"
#include "state/model/account.hpp"

namespace usher::recipe {

/// One listing of a pull: entitlements of a kind, edges of a kind, or accounts.
struct PullPhase {
  /// accounts_again: where accounts stand in several listings, one who moves from one to another meanwhile
  /// may be in neither; all but the last are read again at the end.
  enum class Kind { entitlements, edges, members, accounts, accounts_again } kind = Kind::accounts;
  std::size_t index = 0;  ///< of the entitlement kind or of the user listing
};

/// The phases of a pull of this recipe, in their order.
std::vector<PullPhase> phases_of(const Recipe& recipe);

/// Where a pull is: all that its cursor says.
struct PullPosition {
  std::size_t phase = 0;
  ListingState state;
  // Members of each group: how far the list of groups is, and the groups of its page that are still to be
  // read.
  ListingState groups;
  bool no_more_groups = false;
  std::deque<Entitlement> pending;
  /// What listings were when they were read the first time, for those that are read again later.
  struct Chain {
    std::string of;  ///< the kind of entitlement, or the number of the user listing
    std::string digest;
    std::uint64_t items = 0;
  };
  std::vector<Chain> chains;

  void remember(std::string listing, std::string digest, std::uint64_t items);
  /// The state in which a listing that was remembered is read again.
  ListingState second_reading(std::string_view listing) const;

  std::string to_string() const;
  static std::optional<PullPosition> from_string(const std::string& text);
};

}  // namespace usher::recipe
