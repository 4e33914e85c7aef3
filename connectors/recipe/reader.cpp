#include "connectors/recipe/reader.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "connectors/canonical.hpp"
#include "connectors/recipe/completion.hpp"
#include "connectors/recipe/item.hpp"
#include "connectors/recipe/own_account.hpp"

namespace usher::recipe {
namespace {

using simdjson::dom::element;

// The edge in an item of a listing, or why there is none that can be used.
tl::expected<Membership, std::string> edge_in(const ListingPage& listed, std::size_t number,
                                              const element& one, const EntitlementRecipe& kind,
                                              std::string entitlement) {
  if (const auto twice = listed.twice.find(number); twice != listed.twice.end())
    return tl::unexpected("'" + twice->second + "' stands twice");
  const MembershipReading& reading = kind.memberships;
  Membership edge{.account = text_at(one, reading.account),
                  .kind = kind.kind,
                  .entitlement = std::move(entitlement),
                  .details = {}};
  if (edge.account.empty()) return tl::unexpected("no '" + reading.account + "'");
  if (edge.entitlement.empty()) return tl::unexpected("no '" + reading.entitlement + "'");
  auto details = details_at(one, reading.details);
  if (!details)
    return tl::unexpected("what stands at '" + reading.details + "' is no text, and no list of texts");
  edge.details = std::move(*details);
  const bool whole = listed.is_whole(number, one, [&](const element& item) {
    return std::tuple(text_at(item, reading.account), text_at(item, reading.entitlement),
                      details_at(item, reading.details));
  });
  if (!whole) return tl::unexpected(std::string("a text or number that cannot be read"));
  return edge;
}

std::string listing_name(std::size_t index) {
  return index == 0 ? "users" : "users " + std::to_string(index + 1);
}

}  // namespace

RecipeReader::RecipeReader(const RecipePlatform& platform, const AccountObjects& objects,
                           const AccountLookup& lookup, MembershipReader& memberships)
    : platform_(platform),
      objects_(objects),
      lookup_(lookup),
      memberships_(memberships),
      phases_(phases_of(platform.recipe())) {}

Outcome<Page> RecipeReader::fetch(const std::string& cursor, const std::stop_token& stop) {
  PullPosition position;
  if (!cursor.empty()) {
    auto read = PullPosition::from_string(cursor);
    if (!read || read->phase >= phases_.size()) {
      return http::fail(FailureKind::invalid, "a cursor that this recipe did not write", "fetch");
    }
    position = std::move(*read);
  }
  OwnAccount own;
  if (cursor.empty()) {
    memberships_.manage_all();
    auto asked = own_account(platform_, stop);
    if (!asked) return tl::unexpected(std::move(asked.error()));
    own = std::move(*asked);
    self_ = own.id;
    auto hidden = hidden_from(platform_, self_, stop);
    if (!hidden) return tl::unexpected(std::move(hidden.error()));
    hidden_ = std::move(*hidden);
  }
  Outcome<Page> page = fetch_phase(std::move(position), stop);
  if (page && page->next.empty() && hidden_.empty()) {  // rights may have changed meanwhile
    auto hidden = hidden_from(platform_, self_, stop);
    if (!hidden) return tl::unexpected(std::move(hidden.error()));
    hidden_ = std::move(*hidden);
  }
  if (page) page->no_proof = hidden_;
  if (page) page->self = std::move(own.id);
  if (page && !own.remark.empty()) page->remarks.push_back(std::move(own.remark));
  return page;
}

Outcome<Page> RecipeReader::fetch_phase(PullPosition position, const std::stop_token& stop) {
  switch (phases_[position.phase].kind) {
    case PullPhase::Kind::entitlements:
      return fetch_entitlements(std::move(position), stop);
    case PullPhase::Kind::edges:
      return fetch_edges(std::move(position), stop);
    case PullPhase::Kind::members:
      return fetch_members(std::move(position), stop);
    case PullPhase::Kind::accounts_again:
      return fetch_accounts_again(std::move(position), stop);
    case PullPhase::Kind::accounts:
      break;
  }
  return fetch_accounts(std::move(position), stop);
}

const EntitlementRecipe& RecipeReader::kind_at(const PullPosition& position) const {
  return platform_.recipe().entitlements[phases_[position.phase].index];
}

std::string RecipeReader::next_cursor(PullPosition position, const std::optional<ListingState>& next) const {
  if (next) {
    position.state = *next;
    return position.to_string();
  }
  PullPosition following;
  following.phase = position.phase + 1;
  following.chains = std::move(position.chains);
  return following.phase < phases_.size() ? following.to_string() : std::string();
}

bool RecipeReader::prove_otherwise() {
  const auto overlaps = [](const Listing& listing) { return listing.paging.proof == PagingProof::overlap; };
  const Recipe& recipe = platform_.recipe();
  bool any = std::any_of(recipe.user.listings.begin(), recipe.user.listings.end(), overlaps);
  for (const EntitlementRecipe& kind : recipe.entitlements) {
    any = any || (kind.listing && overlaps(*kind.listing)) || overlaps(kind.memberships.listing);
  }
  if (!any || twice_) return false;
  twice_ = true;
  return true;
}

// The state of a listing that is to be read, or read on. later: its second reading comes in another phase.
ListingState RecipeReader::at_first(ListingState state, bool later) const {
  if (state.pages > 0 || state.again) return state;
  state.twice = twice_;
  state.later = later;
  return state;
}

Outcome<Page> RecipeReader::fetch_entitlements(PullPosition position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = kind_at(position);
  Page page;
  page.listing = kind.kind + "s";
  Scope scope = platform_.scope();
  const auto id_of = [&](const element& one) { return text_at(one, kind.id); };
  const bool again = kind.memberships.from == MembershipReading::From::per_group;
  position.state = at_first(std::move(position.state), again);
  auto listed = read_page(platform_, *kind.listing, scope, position.state, id_of, parser_, stop);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    if (const auto twice = listed->twice.find(number); twice != listed->twice.end()) {
      page.bad.push_back({page.listing + " item " + std::to_string(number),
                          platform_.clean("'" + twice->second + "' stands twice")});
      return;
    }
    Entitlement entitlement = entitlement_in(one, kind);
    const bool whole =
        listed->is_whole(number, one, [&](const element& item) { return text_at(item, kind.id); });
    if (!entitlement.id.empty() && whole) {
      passes(kind.managed, one, scope) ? page.entitlements.push_back(std::move(entitlement))
                                       : memberships_.leave_out(kind.kind, entitlement.id);
    } else {
      page.bad.push_back({page.listing + " item " + std::to_string(number), "no '" + kind.id + "'"});
    }
  });
  listed->tell(page);
  if (again && !listed->next) position.remember(kind.kind, listed->chain, listed->seen);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

Outcome<Page> RecipeReader::fetch_edges(PullPosition position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = kind_at(position);
  const MembershipReading& reading = kind.memberships;
  Page page;
  page.listing = kind.kind + " memberships";
  Scope scope = platform_.scope();
  const auto id_of = [&](const element& one) { return edge_id_in(one, reading); };
  position.state = at_first(std::move(position.state), false);
  auto listed = read_page(platform_, reading.listing, scope, position.state, id_of, parser_, stop, &ahead_);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    if (!passes(reading.counts, one, scope)) return;
    auto edge = edge_in(*listed, number, one, kind, text_at(one, reading.entitlement));
    if (!edge) {
      page.bad.push_back({page.listing + " item " + std::to_string(number), edge.error()});
    } else if (memberships_.is_managed(kind.kind, edge->entitlement)) {
      page.memberships.push_back(std::move(*edge));
    }
  });
  listed->tell(page);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

// A page of the groups whose members are still to be read: all that were there the first time, and no others.
Outcome<Page> RecipeReader::fetch_groups(PullPosition position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = kind_at(position);
  Scope scope = platform_.scope();
  Page page;
  page.listing = kind.kind + "s, for their members";
  const auto id_of = [&](const element& one) { return text_at(one, kind.id); };
  if (position.groups.pages == 0) position.groups = position.second_reading(kind.kind);
  position.groups.twice = twice_;
  auto listed = read_page(platform_, *kind.listing, scope, position.groups, id_of, parser_, stop);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each_here([&](const element& one, std::size_t) {
    Entitlement group = entitlement_in(one, kind);
    if (!group.id.empty() && passes(kind.managed, one, scope)) position.pending.push_back(std::move(group));
  });
  page.moved = listed->moved;
  position.no_more_groups = !listed->next;
  if (listed->next) position.groups = *listed->next;
  const bool over = position.pending.empty() && position.no_more_groups;
  page.next = over ? next_cursor(std::move(position), std::nullopt) : position.to_string();
  return page;
}

Outcome<Page> RecipeReader::fetch_members(PullPosition position, const std::stop_token& stop) {
  if (position.pending.empty()) return fetch_groups(std::move(position), stop);
  const EntitlementRecipe& kind = kind_at(position);
  const MembershipReading& reading = kind.memberships;
  Scope scope = platform_.scope();
  Page page;
  const Entitlement group = position.pending.front();
  page.listing = "members of " + kind.kind + " " + group.id;
  scope.set(Variable::entitlement, {{"id", group.id}, {"name", group.name}, {"scope", group.scope}});
  const auto id_of = [&](const element& one) {
    return text_at(one, reading.id.empty() ? reading.account : reading.id);
  };
  position.state = at_first(std::move(position.state), false);
  // Some platforms keep a member twice who was added twice. Where nothing counts them, that hides nobody.
  std::set<std::string> once;
  auto listed = read_page(platform_, reading.listing, scope, position.state, id_of, parser_, stop);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    if (!passes(reading.counts, one, scope)) return;
    auto edge = edge_in(*listed, number, one, kind, group.id);
    if (!edge) {
      page.bad.push_back({page.listing + " item " + std::to_string(number), edge.error()});
    } else if (listed->total ||
               once.insert(fmt::format("{}\n{}", edge->account, fmt::join(edge->details, "\n"))).second) {
      page.memberships.push_back(std::move(*edge));
    }
  });
  listed->tell(page);
  if (!listed->next) {
    position.pending.pop_front();
    position.state = {};
  } else {
    position.state = *listed->next;
  }
  const bool over = position.pending.empty() && position.no_more_groups && !listed->next;
  page.next = over ? next_cursor(std::move(position), std::nullopt) : position.to_string();
  return page;
}

Outcome<Page> RecipeReader::fetch_accounts(PullPosition position, const std::stop_token& stop) {
  const std::size_t index = phases_[position.phase].index;
  const Listing& listing = platform_.recipe().user.listings[index];
  Page page;
  page.listing = listing_name(index);
  page.accounts.reserve(listing.paging.size);
  Scope scope = platform_.scope();
  const auto scratch = objects_.reader().scratch();
  const std::string at = std::to_string(position.state.seen);
  const auto account_in = [&](const element& one) {
    element inside;
    return element_at(one, listing.object, inside) ? inside : one;
  };
  const auto id_of = [&](const element& one) { return text_at(account_in(one), platform_.recipe().user.id); };
  const bool read_again = index + 1 < platform_.recipe().user.listings.size();
  position.state = at_first(std::move(position.state), read_again);
  auto listed = read_page(platform_, listing, scope, position.state, id_of, parser_, stop, &ahead_);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {  // the next page is under way meanwhile
    Account& account = page.accounts.emplace_back();
    auto wrong = objects_.reader().read(account_in(one), account, *scratch);
    if (const auto twice = listed->twice.find(number); !wrong && twice != listed->twice.end())
      wrong = AccountReader::Wrong{"'" + twice->second + "' stands twice"};
    if (!wrong && listed->marked) wrong = objects_.difference(listing, *listed, number, account);
    if (wrong) {
      page.bad.push_back({.where = listing.call.method + " " + page.listing + " from " + at + ", item " +
                                   std::to_string(number),
                          .why = platform_.clean(wrong->why),
                          .id = account.id,
                          .key = account.id.empty() ? "" : objects_.key_of(account)});
      page.accounts.pop_back();
      return;
    }
    if (listing.active) account.active = *listing.active;
    memberships_.drop_unmanaged(account);
  });
  listed->tell(page);
  page.permanent = platform_.recipe().user.permanent;
  if (auto incomplete = complete(page, listing, platform_, objects_, lookup_, memberships_, stop))
    return tl::unexpected(std::move(*incomplete));
  if (read_again && !listed->next) position.remember(std::to_string(index), listed->chain, listed->seen);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

Outcome<Page> RecipeReader::fetch_accounts_again(PullPosition position, const std::stop_token& stop) {
  const std::size_t index = phases_[position.phase].index;
  const Listing& listing = platform_.recipe().user.listings[index];
  Page page;
  page.listing = listing_name(index) + ", once more";
  Scope scope = platform_.scope();
  const auto id_of = [&](const element& one) {
    element inside;
    return text_at(element_at(one, listing.object, inside) ? inside : one, platform_.recipe().user.id);
  };
  if (position.state.pages == 0) position.state = position.second_reading(std::to_string(index));
  position.state.twice = twice_;
  auto listed = read_page(platform_, listing, scope, position.state, id_of, parser_, stop, &ahead_);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  if (!listed->moved.empty()) {
    page.moved =
        listed->moved +
        ": somebody may have moved between the listings of accounts, and been in neither when it was read";
  }
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

}  // namespace usher::recipe
