#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/recipe/reading.hpp"
#include "connectors/recipe/recipe_connector.hpp"
#include "connectors/recipe/writing.hpp"
#include "state/model/json_text.hpp"
#include "state/model/normalise.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;
using simdjson::dom::element;

std::string text_in(const element& item, const std::string& path) {
  element found;
  if (path.empty() || !element_at(item, path, found)) return {};
  return scalar_text(found).value_or("");
}

/// Hides every longer text of a reply: what a platform answers while secrets change may be one.
Failure without_answer(Failure failure, const json& answer) {
  for (const json& member : answer) {
    if (member.is_string() && member.get_ref<const std::string&>().size() >= 16)
      failure = without_secret(std::move(failure), Secret(member.get<std::string>()));
  }
  return failure;
}

}  // namespace

Outcome<std::vector<Credential>> RecipeConnector::credentials(const std::string& kind,
                                                              const std::string& account,
                                                              std::stop_token stop) {
  const CredentialRecipe* recipe = caller_->recipe().credential(kind);
  if (recipe == nullptr || !recipe->list) return Connector::credentials(kind, account, stop);
  std::vector<Credential> found;
  Scope scope = caller_->scope();
  scope.set(Variable::account, {{"id", account}});
  std::vector<std::pair<std::string, std::string>> only;
  for (const auto& [path, text] : recipe->only)
    only.emplace_back(path, text.expand(scope, TextTemplate::For::header).value_or(""));
  const auto id_of = [&](const element& one) { return text_in(one, recipe->id); };
  const auto read_one = [&](const element& one) {
    for (const auto& [path, wanted] : only) {
      if (text_in(one, path) != wanted) return;
    }
    if (std::string id = id_of(one); !id.empty())
      found.push_back({kind, std::move(id), text_in(one, recipe->name), text_in(one, recipe->expires)});
  };
  if (auto walked = walk(*recipe->list, scope, id_of, read_one, stop); !walked)
    return tl::unexpected(std::move(walked.error()));
  return found;
}

/// All steps in their order; a secret is answered by the last one that makes one. What takes away goes on
/// after a step that was refused, so that what can be taken is, and fails in the end.
Outcome<Receipt> RecipeConnector::run(const std::vector<Step>& steps, const Operation& operation,
                                      const Secret& secret, const std::stop_token& stop) {
  if (steps.empty()) return tl::unexpected(unsupported(operation, "this platform has no such call"));
  Receipt receipt{.account = operation.account, .already = true};
  std::optional<Failure> refused;
  for (const Step& step : steps) {
    auto done = step.call             ? run(std::vector<Call>{*step.call}, operation, stop)
                : step.revoke.empty() ? rotate(step.rotate, operation, secret, stop)
                                      : revoke(step.revoke, operation, stop);
    if (!done && !takes_away(operation.kind)) return done;
    if (!done && !refused) refused = std::move(done.error());
    if (!done) continue;
    receipt.already = receipt.already && done->already;
    if (!done->secret.empty()) receipt.secret = std::move(done->secret);
  }
  if (refused) return tl::unexpected(std::move(*refused));
  return receipt;
}

Outcome<Receipt> RecipeConnector::revoke(const std::string& kind, const Operation& operation,
                                         const std::stop_token& stop) {
  const CredentialRecipe* recipe = caller_->recipe().credential(kind);
  if (recipe == nullptr || !recipe->revoke)
    return tl::unexpected(unsupported(operation, "no " + kind + " can be revoked here"));
  std::vector<Credential> doomed;
  if (recipe->list && operation.credential.empty()) {
    auto all = credentials(kind, operation.account, stop);
    if (!all && all.error().kind != FailureKind::gone) return tl::unexpected(std::move(all.error()));
    if (all) doomed = std::move(*all);
  } else {
    doomed.push_back({kind, operation.credential, "", ""});
  }
  Receipt receipt{.account = operation.account, .already = true};
  std::optional<Failure> refused;
  for (const Credential& one : doomed) {
    Scope scope = caller_->scope();
    scope.set(Variable::account, {{"id", operation.account}});
    scope.set(Variable::credential, {{"id", one.id}, {"name", one.name}});
    auto done = write(*recipe->revoke, scope, {}, operation, stop);
    if (!done && !refused) refused = std::move(done.error());
    if (done) receipt.already = receipt.already && done->already;
  }
  if (refused) return tl::unexpected(std::move(*refused));
  return receipt;
}

Outcome<Receipt> RecipeConnector::rotate(const std::string& kind, const Operation& operation,
                                         const Secret& secret, const std::stop_token& stop) {
  const CredentialRecipe* recipe = caller_->recipe().credential(kind);
  if (recipe == nullptr || recipe->rotate.empty())
    return tl::unexpected(unsupported(operation, "no " + kind + " can be renewed here"));
  json account = {{"id", operation.account}, {"key", ""}};
  const UserRecipe& user = caller_->recipe().user;
  if (user.get && !user.key.empty() && recipe->kind.holder.empty() && !recipe->kind.own) {
    auto now = read({.id = operation.account, .kinds = no_kinds}, stop);
    if (!now) return tl::unexpected(std::move(now.error()));
    if (*now) account["key"] = text_of(at_path(json::parse((*now)->attributes), user.key));
  }
  Scope scope = caller_->scope();
  scope.set(Variable::account, account);
  scope.set_text(Variable::secret, secret.reveal());
  json answer;
  for (const Call& call : recipe->rotate) {
    scope.set(Variable::answer, answer);
    auto told = ask(call, scope, secret, stop);
    if (!told) return tl::unexpected(without_answer(std::move(told.error()), answer));
    answer = std::move(*told);
  }
  Receipt receipt{.account = operation.account};
  if (recipe->answers.empty()) return receipt;
  receipt.secret = Secret(text_of(json_at(answer, recipe->answers)));
  if (!receipt.secret.empty()) return receipt;
  Failure failure = unsupported(operation, "the platform made a new secret and did not say which");
  failure.kind = FailureKind::malformed;
  failure.may_have_happened = true;
  return tl::unexpected(std::move(failure));
}

/// One call whose reply may hold secrets: JSON, or null when it holds none.
Outcome<json> RecipeConnector::ask(const Call& call, Scope& scope, const Secret& secret,
                                   const std::stop_token& stop) {
  auto reply = caller_->send(*transport_, call, scope, {}, {}, stop);
  if (!reply) return tl::unexpected(without_secret(explained(std::move(reply.error())), secret));
  json body = parse_json(reply->response.body);
  return body.is_discarded() ? json() : std::move(body);
}

}  // namespace usher::recipe
