#include "connectors/recipe/own_account.hpp"

#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/member_twice.hpp"
#include "connectors/recipe/item.hpp"
#include "connectors/recipe/loader.hpp"
#include "connectors/recipe/paging.hpp"
#include "connectors/recipe/reply_parser.hpp"

namespace usher::recipe {

using simdjson::dom::element;

namespace {

/// Who the reply says we are; empty: it does not say.
Outcome<std::string> own_id(const UserRecipe& user, const Reply& reply) {
  ReplyParser parser;
  const auto document = parser.parse(reply);
  if (!document) return tl::unexpected(document.error());
  const std::string& object = user.self->object;
  if (const auto twice = twice_on_the_way(*document, object.empty() ? user.id : object + "." + user.id))
    return http::fail(FailureKind::malformed,
                      "'" + *twice + "' stands twice in the reply that says who we are", reply.shown);
  element found;
  return element_at(*document, object, found) ? text_at(found, user.id) : std::string();
}

}  // namespace

Outcome<OwnAccount> own_account(const RecipePlatform& platform, const std::stop_token& stop) {
  const UserRecipe& user = platform.recipe().user;
  Scope scope = platform.scope();
  if (!user.self) return OwnAccount{user.self_id.expand(scope, TextTemplate::For::header).value_or(""), {}};
  auto reply = platform.get(user.self->call, scope, {}, stop);
  if (!reply && reply.error().kind == FailureKind::gone) {
    return OwnAccount{
        {}, "which account usher logs in with is unknown, and so not protected: " + describe(reply.error())};
  }
  if (!reply) return tl::unexpected(std::move(reply.error()));
  auto id = own_id(user, *reply);
  if (!id) return tl::unexpected(std::move(id.error()));
  if (!id->empty()) return OwnAccount{std::move(*id), {}};
  return http::fail(FailureKind::malformed, "the reply does not say who we are", reply->shown);
}

Outcome<std::string> hidden_from(const RecipePlatform& platform, const std::string& self,
                                 const std::stop_token& stop) {
  const auto& question = platform.recipe().user.sees_everything;
  if (!question) return std::string();
  if (self.empty() && uses(*question, Variable::account))
    return std::string("nobody can tell whether we are shown everybody: our own account is not known");
  Scope scope = platform.scope();
  scope.set(Variable::account, {{"id", self}});
  auto reply = platform.send(*question, scope, {}, stop);
  if (reply) return std::string();
  switch (reply.error().kind) {
    case FailureKind::denied:
    case FailureKind::gone:
    case FailureKind::invalid:
    case FailureKind::conflict:
      return "the account that usher works as is not shown everybody (" + describe(reply.error()) + ")";
    default:
      return tl::unexpected(platform.explained(std::move(reply.error())));
  }
}

// The call that says who we are also proves the credentials; where there is none, our own account or the
// first page of everybody is asked for.
Outcome<Probe> probe(const RecipePlatform& platform, const std::vector<Entitlement>& entitlements,
                     const std::stop_token& stop) {
  const UserRecipe& user = platform.recipe().user;
  Scope scope = platform.scope();
  Probe probe;
  probe.self = user.self ? std::string() : user.self_id.expand(scope, TextTemplate::For::header).value_or("");
  scope.set(Variable::account, {{"id", probe.self}});
  const Call& question = user.self                         ? user.self->call
                         : !probe.self.empty() && user.get ? user.get->call
                                                           : user.listings.front().call;
  const Listing& everybody = user.listings.front();
  PageRequest first;
  if (uses(everybody.call, Variable::page))
    first.page = {{"position", page_position(everybody.paging, {})}, {"size", everybody.paging.size}};
  auto reply = platform.get(question, scope, &question == &everybody.call ? first : PageRequest{}, stop);
  const bool nobody = user.self && !reply && reply.error().kind == FailureKind::gone;
  if (nobody) reply = platform.get(everybody.call, scope, first, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  probe.date = reply->response.header("date");
  if (user.self && !nobody) {
    auto id = own_id(user, *reply);
    if (!id) return tl::unexpected(std::move(id.error()));
    probe.self = std::move(*id);
  }
  if (platform.recipe().user.sees_everything) {
    probe.asks_for_everybody = true;
    auto hidden = hidden_from(platform, probe.self, stop);
    if (!hidden) return tl::unexpected(std::move(hidden.error()));
    probe.hidden = std::move(*hidden);
  }
  scope.set(Variable::account, {{"id", probe.self}});
  for (const Entitlement& one : entitlements) {
    const EntitlementRecipe* kind = platform.recipe().entitlement(one.kind);
    if (kind == nullptr || !kind->allowed || probe.self.empty()) continue;
    scope.set(Variable::entitlement, {{"id", one.id}, {"name", one.name}, {"scope", one.scope}});
    auto answer = platform.send(*kind->allowed, scope, {}, stop);
    const bool denied = !answer && answer.error().kind == FailureKind::denied;
    if (!answer && !denied) return tl::unexpected(std::move(answer.error()));
    probe.permissions.push_back(
        {one.kind + " " + one.name, !denied, denied ? answer.error().message : std::string()});
  }
  return probe;
}

}  // namespace usher::recipe
