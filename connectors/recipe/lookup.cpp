#include "connectors/recipe/lookup.hpp"

#include <algorithm>
#include <functional>

#include "connectors/canonical.hpp"
#include "connectors/json_view.hpp"
#include "connectors/member_twice.hpp"
#include "state/model/fingerprint.hpp"

namespace usher::recipe {

using simdjson::dom::element;
using Likeness = AccountObjects::Likeness;

/// One look-up and what it is for: the account with this id, or with this natural key.
struct AccountLookup::Question {
  const Lookup& lookup;
  const std::string& wanted;
  bool by_key = true;
};

Outcome<std::optional<Account>> AccountLookup::get(const std::string& id, const std::stop_token& stop,
                                                   std::string* unreadable) const {
  Scope scope = platform_.scope();
  scope.set(Variable::account, {{"id", id}});
  auto found = ask({*platform_.recipe().user.get, id, false}, scope, stop, unreadable);
  if (!found) return tl::unexpected(std::move(found.error()));
  return std::move(found->account);
}

// What a platform finds is a suggestion: only the very id counts, or the very key; a key that differs in
// letters that the platform rewrites counts where it stands alone.
Outcome<AccountLookup::Found> AccountLookup::ask(const Question& question, Scope& scope,
                                                 const std::stop_token& stop, std::string* unreadable) const {
  const Lookup& lookup = question.lookup;
  auto reply = platform_.get(lookup.call, scope, {}, stop);
  if (!reply) {
    if (reply.error().kind == FailureKind::gone) return Found{};
    return tl::unexpected(std::move(reply.error()));
  }
  if (!question.by_key && read_.keeps()) {
    read_.put(question.wanted,
              {reply->response.body, std::string(reply->response.header("etag")), reply->shown});
  }
  ReplyParser parser;
  const auto document = parser.parse(*reply);
  if (!document) return tl::unexpected(document.error());
  if (const auto twice = twice_on_the_way(*document, lookup.list ? lookup.items : lookup.object))
    return http::fail(FailureKind::malformed, "'" + *twice + "' stands twice in the reply", reply->shown);
  if (lookup.list) return choose_in_list(question, *document, *reply, unreadable);
  element found;
  if (!element_at(*document, lookup.object, found)) {
    return http::fail(FailureKind::malformed, "the reply has no '" + lookup.object + "'", reply->shown);
  }
  if (found.is_null()) return Found{};
  element marked;
  const bool repaired = parser.marked() && element_at(*parser.marked(), lookup.object, marked);
  std::string told;
  auto account = objects_.read_alone(found, repaired ? &marked : nullptr, *reply, told);
  if (!account) return tl::unexpected(std::move(account.error()));
  if (question.by_key && objects_.likeness_of(*account, question.wanted) == Likeness::none)
    return Found{.account = {}, .others = 1};
  if (unreadable != nullptr) *unreadable = std::move(told);
  return Found{.account = std::move(*account)};
}

Outcome<AccountLookup::Found> AccountLookup::choose_in_list(const Question& question, const element& document,
                                                            const Reply& reply,
                                                            std::string* unreadable) const {
  Found result;
  std::vector<Account> alike;
  std::string told, told_alike;
  element found;
  const bool is_list = element_at(document, question.lookup.items, found) && found.is_array();
  if (!is_list && !question.by_key)  // an error in place of the account is no account that is gone
    return http::fail(FailureKind::malformed, "the reply has no list '" + question.lookup.items + "'",
                      reply.shown);
  if (!is_list) return result;
  for (const element one : view::items(found)) {
    element object = one;
    element_at(one, question.lookup.object, object);
    told.clear();
    auto account = objects_.read_alone(object, nullptr, reply, told);
    if (!account) return tl::unexpected(std::move(account.error()));
    const Likeness likeness = question.by_key ? objects_.likeness_of(*account, question.wanted)
                              : account->id == question.wanted ? Likeness::same
                                                               : Likeness::none;
    if (likeness == Likeness::none) ++result.others;
    if (likeness == Likeness::alike) {
      told_alike = told;
      alike.push_back(std::move(*account));
    }
    if (likeness != Likeness::same) continue;
    if (result.account) {
      const std::string what = question.by_key ? platform_.capabilities().natural_key : "id";
      return http::fail(FailureKind::conflict, "several accounts have the " + what + " looked for",
                        reply.shown);
    }
    if (unreadable != nullptr) *unreadable = told;
    result.account = std::move(*account);
  }
  if (!question.by_key && !result.account && result.others > 0)
    return http::fail(FailureKind::malformed, "the reply contains other accounts, but not the requested one",
                      reply.shown);
  if (!result.account && alike.size() == 1) {
    if (unreadable != nullptr) *unreadable = std::move(told_alike);
    result.account = std::move(alike.front());
  } else {
    result.others += alike.size();
  }
  return result;
}

Outcome<std::optional<Account>> AccountLookup::find(const std::string& key, const std::stop_token& stop) {
  const std::vector<Lookup>& finds = platform_.recipe().user.finds;
  for (std::size_t i = 0; i < finds.size(); ++i) {
    Scope scope = platform_.scope();
    scope.set_text(Variable::key, key);
    auto found = ask({finds[i], key}, scope, stop);
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

Outcome<bool> AccountLookup::heeds_its_key(std::size_t find, const std::stop_token& stop) {
  const MutexLock lock(heeds_mutex_);
  if (const auto known = heeds_.find(find); known != heeds_.end()) return known->second;
  const std::string nobody =
      "nobody-" + public_digest(platform_.signature() + std::to_string(find)).substr(0, 24);
  Scope scope = platform_.scope();
  scope.set_text(Variable::key, nobody);
  auto found = ask({platform_.recipe().user.finds[find], nobody}, scope, stop);
  if (!found) return tl::unexpected(std::move(found.error()));
  return heeds_[find] = !found->account && found->others == 0;
}

Outcome<std::optional<Account>> AccountLookup::read(const AccountQuery& query, const std::stop_token& stop) {
  const UserRecipe& user = platform_.recipe().user;
  const bool by_id = !query.id.empty();
  if (by_id ? !user.get.has_value() : user.finds.empty() || query.natural_key.empty()) {
    return http::fail(FailureKind::unsupported,
                      by_id ? "no account can be read alone" : "no account can be looked up", "read");
  }
  auto found = by_id ? get(query.id, stop) : find(query.natural_key, stop);
  if (!found || !*found) return found;
  const bool only_summary = !by_id && user.get && !user.listings.empty() && user.listings.front().summary;
  if (only_summary) return read({.id = (*found)->id, .kinds = query.kinds, .edges = query.edges}, stop);
  const auto outside = [&](const EntitlementRecipe& kind) {
    const auto from = kind.memberships.from;
    return from != MembershipReading::From::user && from != MembershipReading::From::nowhere &&
           (!query.kinds ||
            std::find(query.kinds->begin(), query.kinds->end(), kind.kind) != query.kinds->end());
  };
  if (auto added = memberships_.add_to(**found, outside, query.edges, stop); !added)
    return tl::unexpected(std::move(added.error()));
  return found;
}

}  // namespace usher::recipe
