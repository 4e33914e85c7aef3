#include "connectors/canonical.hpp"
#include "connectors/recipe/loader.hpp"
#include "connectors/recipe/reading.hpp"
#include "connectors/recipe/recipe_connector.hpp"

namespace usher::recipe {

using simdjson::dom::element;

Outcome<RecipeConnector::OwnAccount> RecipeConnector::own_account(const std::stop_token& stop) {
  const UserRecipe& user = caller_->recipe().user;
  Scope scope = caller_->scope();
  if (!user.self) return OwnAccount{user.self_id.expand(scope, TextTemplate::For::header).value_or(""), {}};
  auto reply = get(user.self->call, scope, {}, stop);
  if (!reply && reply.error().kind == FailureKind::gone) {
    return OwnAccount{{}, "own account unknown, and so not protected: " + describe(reply.error())};
  }
  if (!reply) return tl::unexpected(std::move(reply.error()));
  Parser parser;
  const auto document = parser.parse(*reply);
  if (!document) return tl::unexpected(document.error());
  element object;
  std::string id =
      element_at(*document, user.self->object, object) ? text_at(object, user.id) : std::string();
  if (!id.empty()) return OwnAccount{std::move(id), {}};
  return http::fail(FailureKind::malformed, "the reply does not say who we are", reply->shown);
}

Outcome<std::string> RecipeConnector::hidden_from(const std::string& self, const std::stop_token& stop) {
  const auto& question = caller_->recipe().user.sees_everything;
  if (!question) return std::string();
  if (self.empty() && uses(*question, Variable::account))
    return std::string("nobody can tell whether we are shown everybody: our own account is not known");
  Scope scope = caller_->scope();
  scope.set(Variable::account, {{"id", self}});
  auto reply = caller_->send(*transport_, *question, scope, {}, {}, stop);
  if (reply) return std::string();
  switch (reply.error().kind) {
    case FailureKind::denied:
    case FailureKind::gone:
    case FailureKind::invalid:
    case FailureKind::conflict:
      return "the account that usher works as is not shown everybody (" + describe(reply.error()) + ")";
    default:
      return tl::unexpected(explained(std::move(reply.error())));
  }
}

}  // namespace usher::recipe
