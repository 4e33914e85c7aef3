#include <algorithm>
#include <unordered_set>

#include "connectors/canonical.hpp"
#include "connectors/recipe/reading.hpp"
#include "connectors/recipe/recipe_connector.hpp"
#include "connectors/recipe/writing.hpp"
#include "state/model/fingerprint.hpp"
#include "state/model/normalise.hpp"

namespace usher::recipe {

using nlohmann::json;
using simdjson::dom::element;

Outcome<std::optional<Account>> RecipeConnector::look_up(const Lookup& lookup, Scope& scope,
                                                         const std::string& key, const std::stop_token& stop,
                                                         std::string* unreadable) {
  auto found = ask_for(lookup, scope, key, stop, unreadable);
  if (!found) return tl::unexpected(std::move(found.error()));
  return std::move(found->account);
}

// What a platform finds is a suggestion: only the very id counts, or the very key; a key that differs in
// letters that the platform rewrites counts where it stands alone.
Outcome<RecipeConnector::Found> RecipeConnector::ask_for(const Lookup& lookup, Scope& scope,
                                                         const std::string& key, const std::stop_token& stop,
                                                         std::string* unreadable) {
  auto reply = get(lookup.call, scope, {}, stop);
  if (!reply) {
    if (reply.error().kind == FailureKind::gone) return Found{};
    return tl::unexpected(std::move(reply.error()));
  }
  Parser parser;
  const auto document = parser.parse(*reply);
  if (!document) return tl::unexpected(document.error());
  const auto malformed = [&](std::string why) {
    return http::fail(FailureKind::malformed, std::move(why), reply->shown);
  };
  std::string told;
  element found;
  const auto& get_recipe = caller_->recipe().user.get;
  const bool by_key = !get_recipe || &lookup != &*get_recipe;
  if (!lookup.list) {
    if (!element_at(*document, lookup.object, found))
      return malformed("the reply has no '" + lookup.object + "'");
    if (found.is_null() && !lookup.object.empty()) return Found{};
    element marked;
    const bool repaired = parser.marked && element_at(*parser.marked, lookup.object, marked);
    auto account = account_of(found, repaired ? &marked : nullptr, *reply, told);
    if (!account) return tl::unexpected(std::move(account.error()));
    if (by_key && likeness_of(*account, key) == Likeness::none) return Found{.account = {}, .others = 1};
    if (unreadable != nullptr) *unreadable = std::move(told);
    return Found{.account = std::move(*account)};
  }
  Found result;
  std::vector<Account> alike;
  std::string told_alike;
  if (!element_at(*document, lookup.items, found) || !found.is_array()) return result;
  for (const element one : view::items(found)) {
    element object = one;
    element_at(one, lookup.object, object);
    told.clear();
    auto account = account_of(object, nullptr, *reply, told);
    if (!account) return tl::unexpected(std::move(account.error()));
    const Likeness likeness = by_key               ? likeness_of(*account, key)
                              : account->id == key ? Likeness::same
                                                   : Likeness::none;
    if (likeness == Likeness::none) ++result.others;
    if (likeness == Likeness::alike) {
      told_alike = told;
      alike.push_back(std::move(*account));
    }
    if (likeness != Likeness::same) continue;
    if (result.account) {
      return http::fail(
          FailureKind::conflict,
          "several accounts have the " + (by_key ? capabilities_.natural_key : "id") + " looked for",
          reply->shown);
    }
    if (unreadable != nullptr) *unreadable = told;
    result.account = std::move(*account);
  }
  if (!result.account && alike.size() == 1) {
    if (unreadable != nullptr) *unreadable = std::move(told_alike);
    result.account = std::move(alike.front());
  } else {
    result.others += alike.size();
  }
  return result;
}

RecipeConnector::Likeness RecipeConnector::likeness_of(const Account& account, const std::string& key) const {
  const Attribute* attribute = capabilities_.schema.find(capabilities_.natural_key);
  const json held = json::parse(account.attributes, nullptr, false);
  const json& value = at_path(held, capabilities_.natural_key);
  if (attribute == nullptr || !attribute->readable) return Likeness::same;  // nobody can tell
  const std::string text = value.is_string() ? value.get<std::string>() : text_of(value);
  if (text == key || normalised(text, attribute->normalise) == normalised(key, attribute->normalise))
    return Likeness::same;
  constexpr Normalisation any{.trim = true, .lower = true, .nfc = true};
  return normalised(text, any) == normalised(key, any) ? Likeness::alike : Likeness::none;
}

Outcome<std::optional<Account>> RecipeConnector::find(const std::string& key, const std::stop_token& stop) {
  const std::vector<Lookup>& finds = caller_->recipe().user.finds;
  for (std::size_t i = 0; i < finds.size(); ++i) {
    Scope scope = caller_->scope();
    scope.set_text(Variable::key, key);
    auto found = ask_for(finds[i], scope, key, stop);
    if (!found) return tl::unexpected(std::move(found.error()));
    if (found->account) return std::move(found->account);
    if (found->others == 0) continue;
    auto heeds = heeds_its_key(i, stop);
    if (!heeds) return tl::unexpected(std::move(heeds.error()));
    if (*heeds) continue;
    return http::fail(FailureKind::unsupported,
                      "the search does not heed the value it is asked for: it finds somebody for one that "
                      "nobody can have, so that nobody found proves nothing",
                      "find");
  }
  return std::optional<Account>();
}

Outcome<bool> RecipeConnector::heeds_its_key(std::size_t find, const std::stop_token& stop) {
  const std::lock_guard lock(heeds_mutex_);
  if (const auto known = heeds_.find(find); known != heeds_.end()) return known->second;
  const std::string nobody = "nobody-" + public_digest(signature_ + std::to_string(find)).substr(0, 24);
  Scope scope = caller_->scope();
  scope.set_text(Variable::key, nobody);
  auto found = ask_for(caller_->recipe().user.finds[find], scope, nobody, stop);
  if (!found) return tl::unexpected(std::move(found.error()));
  return heeds_[find] = !found->account && found->others == 0;
}

// Reads every item of all pages of a listing; id_of answers what stands for one in the search for circles.
Outcome<std::monostate> RecipeConnector::walk(const Listing& listing, Scope& scope,
                                              const std::function<std::string(const element&)>& id_of,
                                              const std::function<void(const element&)>& read,
                                              const std::stop_token& stop) {
  constexpr std::size_t most_stale_pages = 20;
  Parser parser;
  ListingState state;
  std::unordered_set<std::size_t> seen;  // hashes: a page of nothing but known items is what counts
  std::size_t stale = 0;
  std::uint64_t items = 0;
  std::optional<std::uint64_t> total;
  while (true) {
    auto listed = list(listing, scope, state, id_of, parser, stop);
    if (!listed) return tl::unexpected(std::move(listed.error()));
    if (!listed->moved.empty())
      return http::fail(FailureKind::malformed, "items moved while they were read: " + listed->moved,
                        listed->reply.shown);
    bool fresh = listed->items == 0;
    listed->each([&](const element& one, std::size_t) {
      fresh |= seen.insert(std::hash<std::string>{}(id_of(one))).second;
      read(one);
    });
    items += listed->items;
    if (listed->total) total = listed->total;
    if (!listed->next && total && *total != items) {
      return http::fail(FailureKind::malformed,
                        "the platform says that there are " + std::to_string(*total) + ", and answered " +
                            std::to_string(items),
                        listed->reply.shown);
    }
    if (!listed->next) return std::monostate{};
    stale = fresh ? 0 : stale + 1;
    if (stale >= most_stale_pages)
      return http::fail(FailureKind::malformed,
                        "the listing does not end: page after page brought nothing new", listed->reply.shown);
    state = *listed->next;
  }
}

Outcome<std::vector<RecipeConnector::Edge>> RecipeConnector::edges_of(const EntitlementRecipe& kind,
                                                                      const std::string& account,
                                                                      const std::stop_token& stop) {
  const MembershipReading& reading = kind.memberships;
  std::vector<Edge> edges;
  Scope scope = caller_->scope();
  scope.set(Variable::account, {{"id", account}});
  std::string unreadable;
  const auto add = [&](std::string entitlement, std::optional<std::vector<std::string>> details,
                       std::string id) {
    if (!details) unreadable = kind.kind + " " + entitlement;
    edges.push_back({{account, kind.kind, std::move(entitlement),
                      std::move(details).value_or(std::vector<std::string>())},
                     std::move(id)});
  };
  const auto counts = [&](const element& one, const std::string& group) {
    return passes(reading.counts, one, scope) && unmanaged_.count({kind.kind, group}) == 0;
  };
  const auto all = [&]() -> Outcome<std::vector<Edge>> {
    if (unreadable.empty()) return std::move(edges);
    return http::fail(FailureKind::malformed, "the details of " + unreadable + " are no texts",
                      "memberships of " + account);
  };
  const auto own_id_at = [](const element& one, const std::string& path) {
    return path.empty() ? std::string() : text_at(one, path);
  };
  if (reading.of_user || reading.from == MembershipReading::From::per_user) {
    const bool own = reading.of_user.has_value();
    const std::string& path = own ? reading.of_user_entitlement : reading.entitlement;
    const std::string& details = own ? reading.of_user_details : reading.details;
    const std::string& id = own ? reading.of_user_id : reading.id;
    const auto read = [&](const element& one) {
      std::string group = text_at(one, path);
      if (!group.empty() && counts(one, group))
        add(std::move(group), details_at(one, details), own_id_at(one, id));
    };
    const auto id_of = [&](const element& one) { return text_at(one, id.empty() ? path : id); };
    auto walked = walk(own ? *reading.of_user : reading.listing, scope, id_of, read, stop);
    if (!walked) return tl::unexpected(std::move(walked.error()));
    return all();
  }
  if (reading.from == MembershipReading::From::listing) {
    const auto id_of = [&](const element& one) {
      return reading.id.empty() ? text_at(one, reading.account) + " " + text_at(one, reading.entitlement)
                                : text_at(one, reading.id);
    };
    const auto read = [&](const element& one) {
      std::string group = text_at(one, reading.entitlement);
      if (text_at(one, reading.account) != account || group.empty() || !counts(one, group)) return;
      add(std::move(group), details_at(one, reading.details), own_id_at(one, reading.id));
    };
    if (auto walked = walk(reading.listing, scope, id_of, read, stop); !walked)
      return tl::unexpected(std::move(walked.error()));
    return all();
  }
  std::vector<Entitlement> groups;
  const auto group_id = [&](const element& one) { return text_at(one, kind.id); };
  const auto read_group = [&](const element& one) {
    if (passes(kind.managed, one, scope)) groups.push_back(entitlement_in(one, kind));
  };
  if (auto walked = walk(*kind.listing, scope, group_id, read_group, stop); !walked)
    return tl::unexpected(std::move(walked.error()));
  for (const Entitlement& group : groups) {
    scope.set(Variable::entitlement, {{"id", group.id}, {"name", group.name}, {"scope", group.scope}});
    const auto id_of = [&](const element& one) {
      return text_at(one, reading.id.empty() ? reading.account : reading.id);
    };
    const auto read = [&](const element& one) {
      if (text_at(one, reading.account) == account && passes(reading.counts, one, scope))
        add(group.id, details_at(one, reading.details), own_id_at(one, reading.id));
    };
    if (auto walked = walk(reading.listing, scope, id_of, read, stop); !walked)
      return tl::unexpected(std::move(walked.error()));
  }
  return all();
}

Outcome<std::optional<Account>> RecipeConnector::read(const AccountQuery& query, std::stop_token stop) {
  const UserRecipe& user = caller_->recipe().user;
  const bool by_id = !query.id.empty();
  if (by_id ? !user.get.has_value() : user.finds.empty() || query.natural_key.empty()) {
    return http::fail(FailureKind::unsupported,
                      by_id ? "no account can be read alone" : "no account can be looked up", "read");
  }
  Scope scope = caller_->scope();
  Outcome<std::optional<Account>> found = std::optional<Account>();
  if (by_id) {
    found = look_up(*user.get, scope.set(Variable::account, {{"id", query.id}}), query.id, stop);
  } else {
    found = find(query.natural_key, stop);
  }
  if (!found || !*found) return found;
  const bool only_summary = !by_id && user.get && !user.listings.empty() && user.listings.front().summary;
  if (only_summary) return read({.id = (*found)->id, .kinds = query.kinds}, stop);
  const auto outside = [&](const EntitlementRecipe& kind) {
    const auto from = kind.memberships.from;
    return from != MembershipReading::From::user && from != MembershipReading::From::nowhere &&
           (!query.kinds ||
            std::find(query.kinds->begin(), query.kinds->end(), kind.kind) != query.kinds->end());
  };
  if (auto added = add_memberships(**found, outside, stop); !added)
    return tl::unexpected(std::move(added.error()));
  return found;
}

}  // namespace usher::recipe
