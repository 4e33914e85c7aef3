#include "connectors/recipe/pull_position.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace usher::recipe {

using nlohmann::json;

std::vector<PullPhase> phases_of(const Recipe& recipe) {
  std::vector<PullPhase> phases;
  for (std::size_t i = 0; i < recipe.entitlements.size(); ++i) {
    if (recipe.entitlements[i].listing) phases.push_back({PullPhase::Kind::entitlements, i});
  }
  for (std::size_t i = 0; i < recipe.entitlements.size(); ++i) {
    const auto from = recipe.entitlements[i].memberships.from;
    if (from == MembershipReading::From::listing) phases.push_back({PullPhase::Kind::edges, i});
    if (from == MembershipReading::From::per_group) phases.push_back({PullPhase::Kind::members, i});
  }
  const std::size_t listings = recipe.user.listings.size();
  for (std::size_t i = 0; i < listings; ++i) phases.push_back({PullPhase::Kind::accounts, i});
  for (std::size_t i = 0; i + 1 < listings; ++i) phases.push_back({PullPhase::Kind::accounts_again, i});
  return phases;
}

std::string PullPosition::to_string() const {
  json pairs = json::array();
  for (const Entitlement& group : pending) pairs.push_back({group.id, group.name, group.scope});
  json known = json::array();
  for (const Chain& one : chains) known.push_back({one.of, one.digest, one.items});
  return json::array({phase, to_json(state), to_json(groups), no_more_groups, pairs, known}).dump();
}

void PullPosition::remember(std::string listing, std::string digest, std::uint64_t items) {
  chains.push_back({std::move(listing), std::move(digest), items});
}

ListingState PullPosition::second_reading(std::string_view listing) const {
  ListingState again;
  const auto known =
      std::find_if(chains.begin(), chains.end(), [&](const Chain& one) { return one.of == listing; });
  if (known == chains.end()) return again;
  again.again = true;
  again.first_chain = known->digest;
  again.first_seen = known->items;
  return again;
}

std::optional<PullPosition> PullPosition::from_string(const std::string& text) {
  try {
    const json all = json::parse(text);
    PullPosition position;
    all.at(0).get_to(position.phase);
    position.state = listing_state(all.at(1));
    position.groups = listing_state(all.at(2));
    all.at(3).get_to(position.no_more_groups);
    for (const json& one : all.at(4)) {
      position.pending.push_back({.kind = {}, .id = one.at(0), .name = one.at(1), .scope = one.at(2)});
    }
    for (const json& one : all.at(5)) position.chains.push_back({one.at(0), one.at(1), one.at(2)});
    return position;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace usher::recipe
