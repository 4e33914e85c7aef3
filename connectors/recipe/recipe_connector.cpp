#include "connectors/recipe/recipe_connector.hpp"

#include <algorithm>

#include "connectors/canonical.hpp"
#include "connectors/recipe/login.hpp"
#include "connectors/recipe/prefetch.hpp"
#include "connectors/recipe/reading.hpp"
#include "state/model/fingerprint.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;
using simdjson::dom::element;

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
    for (const auto& [path, text] : kind.memberships.inner_only) {
      inner.only.emplace_back(path, text.expand(scope, TextTemplate::For::header).value_or(""));
    }
    shape.memberships.push_back(std::move(inner));
  }
  return shape;
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || text.size() > 18)
    return std::nullopt;
  return std::stoull(text);
}

std::optional<std::uint64_t> total_of(const Listing& listing, const element& document,
                                      const http::Response& response) {
  std::string text = listing.total.empty() || listing.count ? "" : text_at(document, listing.total);
  if (!listing.total_header.empty()) text = response.header(listing.total_header);
  return number_of(text.substr(text.rfind('/') + 1));  // "items 0-24/319", as Content-Range says it
}

bool goes_by_link(const Paging& paging) {
  return paging.by == PagingKind::next_link || paging.by == PagingKind::link_header;
}

PageRequest page_request(const Paging& paging, const ListingState& state) {
  PageRequest extra;
  if (goes_by_link(paging) && !state.token.empty()) {
    extra.url = state.token;
  } else {
    extra.query = page_query(paging, state);
  }
  if (paging.parameter.empty() && paging.by != PagingKind::none)
    extra.page = {{"position", page_position(paging, state)}, {"size", paging.size}};
  return extra;
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
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
  for (std::size_t i = 0; i < recipe.user.listings.size(); ++i) phases_.push_back({Phase::Kind::accounts, i});
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

Outcome<std::uint64_t> RecipeConnector::count(const Listing& listing, Scope& scope,
                                              const std::stop_token& stop) {
  auto reply = get(*listing.count, scope, {}, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  Parser parser;
  const auto document = parser.parse(*reply);
  if (!document) return tl::unexpected(document.error());
  const auto total = number_of(text_at(*document, listing.total));
  if (total) return *total;
  return http::fail(FailureKind::malformed, "the reply is no number of items", reply->shown);
}

Outcome<RecipeConnector::Listed> RecipeConnector::list(
    const Listing& listing, Scope& scope, const ListingState& state,
    const std::function<std::string(const element&)>& id_of, Parser& parser, const std::stop_token& stop,
    Prefetch* ahead) {
  const bool link = goes_by_link(listing.paging);
  const PageRequest extra = page_request(listing.paging, state);
  auto begun = ahead != nullptr ? ahead->take(listing, extra) : std::nullopt;
  auto reply = begun ? std::move(*begun) : get(listing.call, scope, extra, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  Listed listed;
  listed.reply = std::move(*reply);
  if (listing.items_optional && is_blank(listed.reply.response.body)) listed.reply.response.body = "null";
  const auto document = parser.parse(listed.reply);
  if (!document) return tl::unexpected(document.error());
  const auto malformed = [&](std::string why) {
    return http::fail(FailureKind::malformed, std::move(why), listed.reply.shown);
  };

  PageFacts facts;
  std::string ids;
  element items;
  const bool there = element_at(*document, listing.items, items) && !items.is_null();
  if (!there && !listing.items_optional) return malformed("the reply has no '" + listing.items + "'");
  if (there && !items.is_array()) {
    return malformed(listing.items.empty() ? "the reply is no list" : "'" + listing.items + "' is no list");
  }
  if (there) {
    listed.elements = view::items(items);
    for (const element one : *listed.elements) {
      facts.last_id = id_of(one);
      if (facts.items++ == 0) facts.first_id = facts.last_id;
      ids += facts.last_id;
      ids += '\n';
    }
  }
  const http::Response& response = listed.reply.response;
  facts.digest = public_digest(ids);
  facts.total = total_of(listing, *document, response);
  if (listing.count && state.pages == 0) {
    auto counted = count(listing, scope, stop);
    if (!counted) return tl::unexpected(std::move(counted.error()));
    facts.total = *counted;
  }
  if (element more;
      !listing.paging.more.empty() && element_at(*document, listing.paging.more, more) && more.is_bool()) {
    facts.more = view::number<bool>(more);
  }
  if (!listing.paging.page_count.empty())
    facts.page_count = number_of(text_at(*document, listing.paging.page_count));
  if (!listing.paging.next.empty()) facts.next = text_at(*document, listing.paging.next);
  if (!listing.paging.next_header.empty()) facts.next = response.header(listing.paging.next_header);
  if (listing.paging.by == PagingKind::link_header) facts.next = next_of_link_header(response.header("link"));
  if (link && !facts.next.empty()) {
    const auto url = http::follow(caller_->base(), listed.reply.url, facts.next);
    if (!url)
      return malformed("the next page is said to be on another host, where our credentials must not go");
    facts.next = *url;
  }
  auto after = after_page(listing.paging, state, facts);
  if (!after) return malformed(after.error());
  if (ahead != nullptr && after->next) {
    const PageRequest following = page_request(listing.paging, *after->next);
    const auto send = [this, &listing, following](const std::stop_token& stopped) {
      Scope own = caller_->scope();
      return get(listing.call, own, following, stopped);
    };
    ahead->begin(listing, following, send, stop);
  }
  listed.items = state.again ? 0 : facts.items - after->known;
  listed.known = after->known;
  listed.again = state.again;
  listed.moved = after->moved;
  listed.total = facts.total;
  listed.next = std::move(after->next);
  return listed;
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
  std::string self;
  if (cursor.empty()) {
    auto own = own_id(stop);
    if (!own) return tl::unexpected(std::move(own.error()));
    self = std::move(*own);
  }
  const auto fetch_phase = [&]() -> Outcome<Page> {
    switch (phases_[position.phase].kind) {
      case Phase::Kind::entitlements:
        return fetch_entitlements(std::move(position), stop);
      case Phase::Kind::edges:
        return fetch_edges(std::move(position), stop);
      case Phase::Kind::members:
        return fetch_members(std::move(position), stop);
      case Phase::Kind::accounts:
        break;
    }
    return fetch_accounts(std::move(position), stop);
  };
  Outcome<Page> page = fetch_phase();
  if (page) page->self = std::move(self);
  return page;
}

std::string RecipeConnector::next_cursor(Position position, const std::optional<ListingState>& next) const {
  if (next) {
    position.state = *next;
    return position.to_string();
  }
  Position following;
  following.phase = position.phase + 1;
  return following.phase < phases_.size() ? following.to_string() : std::string();
}

Outcome<Page> RecipeConnector::fetch_entitlements(Position position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = caller_->recipe().entitlements[phases_[position.phase].index];
  Page page;
  page.listing = kind.kind + "s";
  Scope scope = caller_->scope();
  const auto id_of = [&](const element& one) { return text_at(one, kind.id); };
  auto listed = list(*kind.listing, scope, position.state, id_of, *parser_, stop);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    Entitlement entitlement = entitlement_in(one, kind);
    if (!entitlement.id.empty()) {
      page.entitlements.push_back(std::move(entitlement));
    } else {
      page.bad.push_back({page.listing + " item " + std::to_string(number), "no '" + kind.id + "'"});
    }
  });
  listed->tell(page);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
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
  auto listed = list(reading.listing, scope, position.state, id_of, *parser_, stop, ahead_.get());
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    Membership edge{.account = text_at(one, reading.account),
                    .kind = kind.kind,
                    .entitlement = text_at(one, reading.entitlement),
                    .details = details_at(one, reading.details)};
    if (edge.account.empty() || edge.entitlement.empty()) {
      page.bad.push_back({page.listing + " item " + std::to_string(number),
                          "no '" + (edge.account.empty() ? reading.account : reading.entitlement) + "'"});
    } else {
      page.memberships.push_back(std::move(edge));
    }
  });
  listed->tell(page);
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

// A page of the groups whose members are still to be read.
Outcome<Page> RecipeConnector::fetch_groups(Position position, const std::stop_token& stop) {
  const EntitlementRecipe& kind = caller_->recipe().entitlements[phases_[position.phase].index];
  Scope scope = caller_->scope();
  Page page;
  page.listing = kind.kind + "s, for their members";
  const auto id_of = [&](const element& one) { return text_at(one, kind.id); };
  auto listed = list(*kind.listing, scope, position.groups, id_of, *parser_, stop);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t) {
    Entitlement group = entitlement_in(one, kind);
    if (!group.id.empty()) position.pending.push_back(std::move(group));
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
  auto listed = list(reading.listing, scope, position.state, id_of, *parser_, stop);
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {
    Membership edge{.account = text_at(one, reading.account),
                    .kind = kind.kind,
                    .entitlement = group.id,
                    .details = details_at(one, reading.details)};
    if (edge.account.empty()) {
      page.bad.push_back({page.listing + " item " + std::to_string(number), "no '" + reading.account + "'"});
    } else {
      page.memberships.push_back(std::move(edge));
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

Outcome<Page> RecipeConnector::fetch_accounts(Position position, const std::stop_token& stop) {
  const std::size_t index = phases_[position.phase].index;
  const Listing& listing = caller_->recipe().user.listings[index];
  Page page;
  page.listing = index == 0 ? "users" : "users " + std::to_string(index + 1);
  page.accounts.reserve(listing.paging.size);
  Scope scope = caller_->scope();
  const auto scratch = reader_->scratch();
  const std::string at = std::to_string(position.state.seen);
  const auto account_in = [&](const element& one) {
    element inside;
    return element_at(one, listing.object, inside) ? inside : one;
  };
  const auto id_of = [&](const element& one) { return text_at(account_in(one), caller_->recipe().user.id); };
  auto listed = list(listing, scope, position.state, id_of, *parser_, stop, ahead_.get());
  if (!listed) return tl::unexpected(std::move(listed.error()));
  listed->each([&](const element& one, std::size_t number) {  // the next page is under way meanwhile
    Account& account = page.accounts.emplace_back();
    if (auto wrong = reader_->read(account_in(one), account, *scratch)) {
      page.accounts.pop_back();
      page.bad.push_back(
          {listing.call.method + " " + page.listing + " from " + at + ", item " + std::to_string(number),
           caller_->clean(*wrong)});
    } else if (listing.active) {
      account.active = *listing.active;
    }
  });
  listed->tell(page);
  if (auto incomplete = complete(page, listing, stop)) return tl::unexpected(std::move(*incomplete));
  page.next = next_cursor(std::move(position), listed->next);
  return page;
}

}  // namespace usher::recipe
