#include "connectors/recipe/recipe_connector.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "connectors/canonical.hpp"
#include "connectors/recipe/login.hpp"
#include "connectors/recipe/prefetch.hpp"
#include "connectors/recipe/reading.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;
using simdjson::dom::element;

std::vector<std::pair<std::string, std::vector<std::string>>> expanded(const ItemFilter::Texts& texts,
                                                                       Scope& scope) {
  std::vector<std::pair<std::string, std::vector<std::string>>> result;
  for (const auto& [path, wanted] : texts) {
    auto& one = result.emplace_back(path, std::vector<std::string>());
    for (const TextTemplate& text : wanted)
      one.second.push_back(text.expand(scope, TextTemplate::For::value).value_or(""));
  }
  return result;
}

AccountShape shape_of(const RequestRunner& caller) {
  const Recipe& recipe = caller.recipe();
  AccountShape shape;
  shape.id = recipe.user.id;
  shape.active = recipe.user.active;
  for (const AttributeRecipe& one : recipe.user.attributes) shape.attributes.push_back(one.place);
  Scope scope = caller.scope();
  for (const EntitlementRecipe& kind : recipe.entitlements) {
    if (kind.memberships.from != MembershipReading::From::user) continue;
    InnerMemberships inner = kind.memberships.inner;
    inner.only = expanded(kind.memberships.counts.only, scope);
    inner.except = expanded(kind.memberships.counts.except, scope);
    shape.memberships.push_back(std::move(inner));
  }
  return shape;
}

}  // namespace

RecipeConnector::RecipeConnector(std::unique_ptr<const RequestRunner> caller,
                                 std::unique_ptr<http::Transport> transport, http::Clock& clock)
    : caller_(std::move(caller)),
      transport_(std::move(transport)),
      clock_(clock),
      capabilities_(capabilities_of(caller_->recipe())),
      signature_(caller_->digest()),
      proof_(credential_options(*caller_)),
      reader_(std::make_unique<AccountReader>(shape_of(*caller_))),
      parser_(std::make_unique<Parser>()),
      proven_at_((clock.now() - std::chrono::years(1)).time_since_epoch().count()),
      ahead_(std::make_unique<Prefetch>()) {
  const Recipe& recipe = caller_->recipe();
  for (std::size_t i = 0; i < recipe.entitlements.size(); ++i) {
    if (recipe.entitlements[i].listing) phases_.push_back({Phase::Kind::entitlements, i});
  }
  for (std::size_t i = 0; i < recipe.entitlements.size(); ++i) {
    const auto from = recipe.entitlements[i].memberships.from;
    if (from == MembershipReading::From::listing) phases_.push_back({Phase::Kind::edges, i});
    if (from == MembershipReading::From::per_group) phases_.push_back({Phase::Kind::members, i});
  }
  const std::size_t listings = recipe.user.listings.size();
  for (std::size_t i = 0; i < listings; ++i) phases_.push_back({Phase::Kind::accounts, i});
  for (std::size_t i = 0; i + 1 < listings; ++i) phases_.push_back({Phase::Kind::accounts_again, i});
}

RecipeConnector::~RecipeConnector() = default;

Failure RecipeConnector::explained(Failure failure) const {
  if (failure.kind == FailureKind::refused && failure.message.find(": check ") == std::string::npos) {
    failure.message =
        "the platform does not accept the credentials (" + failure.message + "): check " + proof_;
  }
  return failure;
}

Outcome<Reply> RecipeConnector::get(const Call& call, Scope& scope, const PageRequest& extra,
                                    const std::stop_token& stop) {
  auto reply = caller_->send(*transport_, call, scope, {}, extra, stop);
  if (!reply) return tl::unexpected(explained(std::move(reply.error())));
  proven_at_ = clock_.now().time_since_epoch().count();
  return reply;
}

Outcome<Page> RecipeConnector::fetch(const std::string& cursor, std::stop_token stop) {
  Position position;
  if (!cursor.empty()) {
    auto read = Position::from_string(cursor);
    if (!read || read->phase >= phases_.size()) {
      return http::fail(FailureKind::invalid, "a cursor that this recipe did not write", "fetch");
    }
    position = std::move(*read);
  }
  OwnAccount own;
  if (cursor.empty()) {
    unmanaged_.clear();
    auto asked = own_account(stop);
    if (!asked) return tl::unexpected(std::move(asked.error()));
    own = std::move(*asked);
    self_ = own.id;
    auto hidden = hidden_from(self_, stop);
    if (!hidden) return tl::unexpected(std::move(hidden.error()));
    hidden_ = std::move(*hidden);
  }
  const auto fetch_phase = [&]() -> Outcome<Page> {
    switch (phases_[position.phase].kind) {
      case Phase::Kind::entitlements:
        return fetch_entitlements(std::move(position), stop);
      case Phase::Kind::edges:
        return fetch_edges(std::move(position), stop);
      case Phase::Kind::members:
        return fetch_members(std::move(position), stop);
      case Phase::Kind::accounts_again:
        return fetch_accounts_again(std::move(position), stop);
      case Phase::Kind::accounts:
        break;
    }
    return fetch_accounts(std::move(position), stop);
  };
  Outcome<Page> page = fetch_phase();
  if (page && page->next.empty() && hidden_.empty()) {  // rights may have changed meanwhile
    auto hidden = hidden_from(self_, stop);
    if (!hidden) return tl::unexpected(std::move(hidden.error()));
    hidden_ = std::move(*hidden);
  }
  if (page) page->no_proof = hidden_;
  if (page) page->self = std::move(own.id);
  if (page && !own.remark.empty()) page->remarks.push_back(std::move(own.remark));
  return page;
}

std::string RecipeConnector::next_cursor(Position position, const std::optional<ListingState>& next) const {
  if (next) {
    position.state = *next;
    return position.to_string();
  }
  Position following;
  following.phase = position.phase + 1;
  following.chains = std::move(position.chains);
  return following.phase < phases_.size() ? following.to_string() : std::string();
}

bool RecipeConnector::prove_otherwise() {
  const auto overlaps = [](const Listing& listing) { return listing.paging.proof == PagingProof::overlap; };
  const Recipe& recipe = caller_->recipe();
  bool any = std::any_of(recipe.user.listings.begin(), recipe.user.listings.end(), overlaps);
  for (const EntitlementRecipe& kind : recipe.entitlements) {
    any = any || (kind.listing && overlaps(*kind.listing)) || overlaps(kind.memberships.listing);
  }
  if (!any || twice_) return false;
  twice_ = true;
  return true;
}

// The state of a listing that is to be read, or read on. later: its second reading comes in another phase.
ListingState RecipeConnector::at_first(ListingState state, bool later) const {
  if (state.pages > 0 || state.again) return state;
  state.twice = twice_;
  state.later = later;
  return state;
}

Outcome<Page> RecipeConnector::fetch_entitlements(Position position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = caller_->recipe().entitlements[phases_[position.phase].index];
  Page page;
  page.listing = kind.kind + "s";
  Scope scope = caller_->scope();
  const auto id_of = [&](const element& one) { return text_at(one, kind.id); };
  const bool again = kind.memberships.from == MembershipReading::From::per_group;
  position.state = at_first(std::move(position.state), again);
  auto listed = list(*kind.listing, scope, position.state, id_of, *parser_, stop);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    Entitlement entitlement = entitlement_in(one, kind);
    const bool whole =
        is_whole(*listed, number, one, [&](const element& item) { return text_at(item, kind.id); });
    if (!entitlement.id.empty() && whole) {
      passes(kind.managed, one, scope) ? page.entitlements.push_back(std::move(entitlement))
                                       : void(unmanaged_.insert({kind.kind, entitlement.id}));
    } else {
      page.bad.push_back({page.listing + " item " + std::to_string(number), "no '" + kind.id + "'"});
    }
  });
  listed->tell(page);
  if (again && !listed->next) position.remember(kind.kind, listed->chain, listed->seen);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

// The edge in an item of a listing, or why there is none that can be used.
tl::expected<Membership, std::string> RecipeConnector::edge_in(const Listed& listed, std::size_t number,
                                                               const element& one,
                                                               const EntitlementRecipe& kind,
                                                               std::string entitlement) {
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
  const bool whole = is_whole(listed, number, one, [&](const element& item) {
    return std::tuple(text_at(item, reading.account), text_at(item, reading.entitlement),
                      details_at(item, reading.details));
  });
  if (!whole) return tl::unexpected(std::string("a text or number that cannot be read"));
  return edge;
}

Outcome<Page> RecipeConnector::fetch_edges(Position position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = caller_->recipe().entitlements[phases_[position.phase].index];
  const MembershipReading& reading = kind.memberships;
  Page page;
  page.listing = kind.kind + " memberships";
  Scope scope = caller_->scope();
  const auto id_of = [&](const element& one) {
    return reading.id.empty() ? text_at(one, reading.account) + " " + text_at(one, reading.entitlement)
                              : text_at(one, reading.id);
  };
  position.state = at_first(std::move(position.state), false);
  auto listed = list(reading.listing, scope, position.state, id_of, *parser_, stop, ahead_.get());
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    if (!passes(reading.counts, one, scope)) return;
    auto edge = edge_in(*listed, number, one, kind, text_at(one, reading.entitlement));
    if (!edge) {
      page.bad.push_back({page.listing + " item " + std::to_string(number), edge.error()});
    } else if (unmanaged_.count({kind.kind, edge->entitlement}) == 0) {
      page.memberships.push_back(std::move(*edge));
    }
  });
  listed->tell(page);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

// A page of the groups whose members are still to be read: all that were there the first time, and no others.
Outcome<Page> RecipeConnector::fetch_groups(Position position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = caller_->recipe().entitlements[phases_[position.phase].index];
  Scope scope = caller_->scope();
  Page page;
  page.listing = kind.kind + "s, for their members";
  const auto id_of = [&](const element& one) { return text_at(one, kind.id); };
  if (position.groups.pages == 0) position.groups = position.second_reading(kind.kind);
  position.groups.twice = twice_;
  auto listed = list(*kind.listing, scope, position.groups, id_of, *parser_, stop);
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

Outcome<Page> RecipeConnector::fetch_members(Position position, const std::stop_token& stop) {
  if (position.pending.empty()) return fetch_groups(std::move(position), stop);
  const EntitlementRecipe& kind = caller_->recipe().entitlements[phases_[position.phase].index];
  const MembershipReading& reading = kind.memberships;
  Scope scope = caller_->scope();
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
  auto listed = list(reading.listing, scope, position.state, id_of, *parser_, stop);
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

static std::string listing_name(std::size_t index) {
  return index == 0 ? "users" : "users " + std::to_string(index + 1);
}

Outcome<Page> RecipeConnector::fetch_accounts(Position position, const std::stop_token& stop) {
  const std::size_t index = phases_[position.phase].index;
  const Listing& listing = caller_->recipe().user.listings[index];
  Page page;
  page.listing = listing_name(index);
  page.accounts.reserve(listing.paging.size);
  Scope scope = caller_->scope();
  const auto scratch = reader_->scratch();
  const std::string at = std::to_string(position.state.seen);
  const auto account_in = [&](const element& one) {
    element inside;
    return element_at(one, listing.object, inside) ? inside : one;
  };
  const auto id_of = [&](const element& one) { return text_at(account_in(one), caller_->recipe().user.id); };
  const bool read_again = index + 1 < caller_->recipe().user.listings.size();
  position.state = at_first(std::move(position.state), read_again);
  auto listed = list(listing, scope, position.state, id_of, *parser_, stop, ahead_.get());
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {  // the next page is under way meanwhile
    Account& account = page.accounts.emplace_back();
    auto wrong = reader_->read(account_in(one), account, *scratch);
    if (!wrong && listed->marked) wrong = difference(*listed, number, account);
    if (wrong) {
      page.bad.push_back({.where = listing.call.method + " " + page.listing + " from " + at + ", item " +
                                   std::to_string(number),
                          .why = caller_->clean(wrong->why),
                          .id = account.id,
                          .key = account.id.empty() ? "" : key_of(account)});
      page.accounts.pop_back();
      return;
    }
    if (listing.active) account.active = *listing.active;
    if (!unmanaged_.empty()) leave_out_unmanaged(account);
  });
  listed->tell(page);
  page.permanent = caller_->recipe().user.permanent;
  if (auto incomplete = complete(page, listing, stop)) return tl::unexpected(std::move(*incomplete));
  if (read_again && !listed->next) position.remember(std::to_string(index), listed->chain, listed->seen);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

Outcome<Page> RecipeConnector::fetch_accounts_again(Position position, const std::stop_token& stop) {
  const std::size_t index = phases_[position.phase].index;
  const Listing& listing = caller_->recipe().user.listings[index];
  Page page;
  page.listing = listing_name(index) + ", once more";
  Scope scope = caller_->scope();
  const auto id_of = [&](const element& one) {
    element inside;
    return text_at(element_at(one, listing.object, inside) ? inside : one, caller_->recipe().user.id);
  };
  if (position.state.pages == 0) position.state = position.second_reading(std::to_string(index));
  position.state.twice = twice_;
  auto listed = list(listing, scope, position.state, id_of, *parser_, stop, ahead_.get());
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
