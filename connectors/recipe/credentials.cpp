#include "connectors/recipe/credentials.hpp"

#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/recipe/listing.hpp"
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

bool RecipeCredentials::can_list(const std::string& kind) const {
  const CredentialRecipe* recipe = platform_.recipe().credential(kind);
  return recipe != nullptr && recipe->list.has_value();
}

Outcome<std::vector<Credential>> RecipeCredentials::list(const std::string& kind, const std::string& account,
                                                         const std::stop_token& stop) const {
  const CredentialRecipe* recipe = platform_.recipe().credential(kind);
  std::vector<Credential> found;
  Scope scope = platform_.scope();
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
  if (auto walked = walk(platform_, *recipe->list, scope, id_of, read_one, stop); !walked)
    return tl::unexpected(std::move(walked.error()));
  return found;
}

Outcome<Receipt> RecipeCredentials::revoke(const std::string& kind, const Operation& operation,
                                           const std::stop_token& stop) const {
  const CredentialRecipe* recipe = platform_.recipe().credential(kind);
  if (recipe == nullptr || !recipe->revoke)
    return tl::unexpected(unsupported(operation, "no " + kind + " can be revoked here"));
  std::vector<Credential> doomed;
  if (recipe->list && operation.credential.empty()) {
    auto all = list(kind, operation.account, stop);
    if (!all && all.error().kind != FailureKind::gone) return tl::unexpected(std::move(all.error()));
    if (all) doomed = std::move(*all);
  } else {
    doomed.push_back({kind, operation.credential, "", ""});
  }
  Receipt receipt{.account = operation.account, .already = true};
  std::optional<Failure> refused;
  for (const Credential& one : doomed) {
    Scope scope = platform_.scope();
    scope.set(Variable::account, {{"id", operation.account}});
    scope.set(Variable::credential, {{"id", one.id}, {"name", one.name}});
    auto done = calls_.write(*recipe->revoke, scope, {}, operation, stop);
    if (!done && !refused) refused = std::move(done.error());
    if (done) receipt.already = receipt.already && done->already;
  }
  if (refused) return tl::unexpected(std::move(*refused));
  return receipt;
}

Outcome<Receipt> RecipeCredentials::rotate(const std::string& kind, const Operation& operation,
                                           const Secret& secret, const std::stop_token& stop) const {
  const CredentialRecipe* recipe = platform_.recipe().credential(kind);
  if (recipe == nullptr || recipe->rotate.empty())
    return tl::unexpected(unsupported(operation, "no " + kind + " can be renewed here"));
  json account = {{"id", operation.account}, {"key", ""}};
  const UserRecipe& user = platform_.recipe().user;
  if (user.get && !user.key.empty() && recipe->kind.holder.empty() && !recipe->kind.own) {
    auto now = lookup_.read({.id = operation.account, .kinds = no_kinds}, stop);
    if (!now) return tl::unexpected(std::move(now.error()));
    if (*now) account["key"] = text_of(at_path(json::parse((*now)->attributes), user.key));
  }
  Scope scope = platform_.scope();
  scope.set(Variable::account, account);
  scope.set_text(Variable::secret, secret.reveal());
  json answer;
  for (const Call& call : recipe->rotate) {
    scope.set(Variable::answer, answer);
    auto told = calls_.ask(call, scope, secret, stop);
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

}  // namespace usher::recipe
