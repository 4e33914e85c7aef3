#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/recipe/reading.hpp"
#include "connectors/recipe/recipe_connector.hpp"

namespace usher::recipe {

using simdjson::dom::element;

// The call that says who we are also proves the credentials; where there is none, our own account or the
// first page of everybody is asked for.
Outcome<Probe> RecipeConnector::probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) {
  const UserRecipe& user = caller_->recipe().user;
  Scope scope = caller_->scope();
  Probe probe;
  probe.self = user.self ? std::string() : user.self_id.expand(scope, TextTemplate::For::header).value_or("");
  scope.set(Variable::account, {{"id", probe.self}});
  const Call& question = user.self                         ? user.self->call
                         : !probe.self.empty() && user.get ? user.get->call
                                                           : user.listings.front().call;
  auto reply = get(question, scope, {}, stop);
  const bool nobody = user.self && !reply && reply.error().kind == FailureKind::gone;
  if (nobody) reply = get(user.listings.front().call, scope, {}, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  probe.date = reply->response.header("date");
  if (user.self && !nobody) {
    Parser parser;
    const auto document = parser.parse(*reply);
    if (!document) return tl::unexpected(document.error());
    element object, id;
    if (element_at(*document, user.self->object, object) && element_at(object, user.id, id))
      probe.self = scalar_text(id).value_or("");
  }
  if (caller_->recipe().user.sees_everything) {
    auto hidden = hidden_from(probe.self, stop);
    if (!hidden) return tl::unexpected(std::move(hidden.error()));
    probe.hidden = std::move(*hidden);
  }
  scope.set(Variable::account, {{"id", probe.self}});
  for (const Entitlement& one : entitlements) {
    const EntitlementRecipe* kind = caller_->recipe().entitlement(one.kind);
    if (kind == nullptr || !kind->allowed || probe.self.empty()) continue;
    scope.set(Variable::entitlement, {{"id", one.id}, {"name", one.name}, {"scope", one.scope}});
    auto answer = caller_->send(*transport_, *kind->allowed, scope, {}, {}, stop);
    const bool denied = !answer && answer.error().kind == FailureKind::denied;
    if (!answer && !denied) return tl::unexpected(std::move(answer.error()));
    probe.permissions.push_back(
        {one.kind + " " + one.name, !denied, denied ? answer.error().message : std::string()});
  }
  return probe;
}

}  // namespace usher::recipe
