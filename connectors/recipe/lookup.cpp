#include "connectors/canonical.hpp"
#include "connectors/recipe/reading.hpp"
#include "connectors/recipe/recipe_connector.hpp"
#include "state/model/normalise.hpp"

namespace usher::recipe {

using nlohmann::json;
using simdjson::dom::element;

Outcome<std::string> RecipeConnector::own_id(const std::stop_token& stop) {
  const UserRecipe& user = caller_->recipe().user;
  Scope scope = caller_->scope();
  if (!user.self) return user.self_id.expand(scope, Text::For::header).value_or("");
  auto reply = get(user.self->call, scope, {}, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  Parser parser;
  const auto document = parser.parse(*reply);
  if (!document) return tl::unexpected(document.error());
  element object;
  std::string id =
      element_at(*document, user.self->object, object) ? text_at(object, user.id) : std::string();
  if (!id.empty()) return id;
  return http::fail(FailureKind::malformed, "the reply does not say who we are", reply->shown);
}

Outcome<std::optional<Account>> RecipeConnector::look_up(const Lookup& lookup, Scope& scope,
                                                         const std::string& key,
                                                         const std::stop_token& stop) {
  auto reply = get(lookup.call, scope, {}, stop);
  if (!reply) {
    if (reply.error().kind == FailureKind::gone) return std::optional<Account>();
    return tl::unexpected(std::move(reply.error()));
  }
  Parser parser;
  const auto document = parser.parse(*reply);
  if (!document) return tl::unexpected(document.error());
  const auto malformed = [&](std::string why) {
    return http::fail(FailureKind::malformed, std::move(why), reply->shown);
  };
  const auto scratch = reader_->scratch();
  element found;
  if (!lookup.list) {
    if (!element_at(*document, lookup.object, found))
      return malformed("the reply has no '" + lookup.object + "'");
    Account account;
    if (auto wrong = reader_->read(found, account, *scratch)) return malformed(caller_->clean(*wrong));
    return std::optional<Account>(std::move(account));
  }
  std::optional<Account> match;
  if (!element_at(*document, lookup.items, found) || !found.is_array()) return match;
  // What a platform finds is a suggestion: only the very key counts.
  const Attribute* attribute = capabilities_.schema.find(capabilities_.natural_key);
  const std::string wanted = attribute != nullptr ? normalised(key, attribute->normalise) : key;
  for (const element one : view::items(found)) {
    Account account;
    if (auto wrong = reader_->read(one, account, *scratch)) return malformed(caller_->clean(*wrong));
    const json held = json::parse(account.attributes, nullptr, false);
    const json& value = at_path(held, capabilities_.natural_key);
    const std::string text = value.is_string() ? value.get<std::string>() : std::string();
    if (text != wanted && (attribute == nullptr || normalised(text, attribute->normalise) != wanted))
      continue;
    if (match) {
      return http::fail(FailureKind::conflict,
                        "several accounts have the " + capabilities_.natural_key + " looked for",
                        reply->shown);
    }
    match = std::move(account);
  }
  return match;
}

// Walks all pages of a listing; item answers what stands for the item in the search for circles.
Outcome<std::monostate> RecipeConnector::walk(
    const Listing& listing, Scope& scope, const std::function<std::string(const element&, std::size_t)>& item,
    const std::stop_token& stop) {
  Parser parser;
  ListingState state;
  while (true) {
    auto listed = list(listing, scope, state, item, parser, stop);
    if (!listed) return tl::unexpected(std::move(listed.error()));
    if (!listed->next) return std::monostate{};
    state = *listed->next;
  }
}

Outcome<std::vector<Membership>> RecipeConnector::memberships_of(const EntitlementRecipe& kind,
                                                                 const std::string& account,
                                                                 const std::stop_token& stop) {
  const MembershipReading& reading = kind.memberships;
  std::vector<Membership> edges;
  Scope scope = caller_->scope();
  scope.set(Variable::account, {{"id", account}});
  const auto add = [&](const element& one, const std::string& entitlement, const std::string& details_path) {
    Membership edge{.account = account, .kind = kind.kind, .entitlement = entitlement, .details = {}};
    if (element details; !details_path.empty() && element_at(one, details_path, details)) {
      edge.details = text_list(details);
    }
    edges.push_back(std::move(edge));
  };
  const auto failed = [](Outcome<std::monostate>& walked) {
    return tl::unexpected(std::move(walked.error()));
  };
  if (reading.of_user || reading.from == MembershipReading::From::per_user) {
    const Listing& listing = reading.of_user ? *reading.of_user : reading.listing;
    const std::string& path = reading.of_user ? reading.of_user_entitlement : reading.entitlement;
    const std::string& details = reading.of_user ? reading.of_user_details : reading.details;
    const auto item = [&](const element& one, std::size_t) {
      std::string id = text_at(one, path);
      if (!id.empty()) add(one, id, details);
      return id;
    };
    if (auto walked = walk(listing, scope, item, stop); !walked) return failed(walked);
    return edges;
  }
  if (reading.from == MembershipReading::From::listing) {
    const auto item = [&](const element& one, std::size_t) {
      std::string id = text_at(one, reading.entitlement);
      std::string holder = text_at(one, reading.account);
      if (holder == account && !id.empty()) add(one, id, reading.details);
      return holder + " " + id;
    };
    if (auto walked = walk(reading.listing, scope, item, stop); !walked) return failed(walked);
    return edges;
  }
  std::vector<Entitlement> groups;
  const auto group = [&](const element& one, std::size_t) {
    groups.push_back({.kind = kind.kind,
                      .id = text_at(one, kind.id),
                      .name = text_at(one, kind.name),
                      .scope = kind.scope.empty() ? "" : text_at(one, kind.scope)});
    return groups.back().id;
  };
  if (auto walked = walk(*kind.listing, scope, group, stop); !walked) return failed(walked);
  for (const Entitlement& one_group : groups) {
    scope.set(Variable::entitlement,
              {{"id", one_group.id}, {"name", one_group.name}, {"scope", one_group.scope}});
    const auto item = [&](const element& one, std::size_t) {
      std::string holder = text_at(one, reading.account);
      if (holder == account) add(one, one_group.id, reading.details);
      return holder;
    };
    if (auto walked = walk(reading.listing, scope, item, stop); !walked) return failed(walked);
  }
  return edges;
}

Outcome<std::optional<Account>> RecipeConnector::read(const std::string& id, const std::string& natural_key,
                                                      std::stop_token stop) {
  const UserRecipe& user = caller_->recipe().user;
  const bool by_id = !id.empty();
  const std::optional<Lookup>& lookup = by_id ? user.get : user.find;
  if (!lookup || (!by_id && natural_key.empty())) {
    return http::fail(FailureKind::unsupported,
                      by_id ? "no account can be read alone" : "no account can be looked up", "read");
  }
  Scope scope = caller_->scope();
  if (by_id) {
    scope.set(Variable::account, {{"id", id}});
  } else {
    scope.set_text(Variable::key, natural_key);
  }
  auto found = look_up(*lookup, scope, natural_key, stop);
  if (!found || !*found) return found;
  const bool only_summary = !by_id && user.get && !user.listings.empty() && user.listings.front().summary;
  if (only_summary) return read((*found)->id, {}, stop);
  const auto outside = [](MembershipReading::From from) {
    return from != MembershipReading::From::user && from != MembershipReading::From::nowhere;
  };
  if (auto added = add_memberships(**found, outside, stop); !added)
    return tl::unexpected(std::move(added.error()));
  return found;
}

}  // namespace usher::recipe
