#include "connectors/recipe/account_creator.hpp"

#include <algorithm>

#include "connectors/member_twice.hpp"
#include "connectors/recipe/own_account.hpp"
#include "connectors/recipe/writing.hpp"
#include "state/model/json_text.hpp"

namespace usher::recipe {

using nlohmann::json;

namespace {

std::string last_segment(std::string_view location) {
  while (location.ends_with('/')) location.remove_suffix(1);
  location = location.substr(0, location.find_first_of("?#"));
  return std::string(location.substr(location.rfind('/') + 1));
}

}  // namespace

WriteRequest payload_of(const RecipePlatform& platform, const json& values) {
  WriteRequest payload;
  for (const AttributeRecipe& one : platform.recipe().user.attributes) {
    const auto found = values.find(one.place.attribute.path);
    if (found == values.end()) continue;
    if (found->is_null() || !one.as) {
      payload.attributes.emplace_back(one.written, found->is_null() && one.empty ? *one.empty : *found);
      continue;
    }
    Scope scope = platform.scope();
    auto written = one.as->evaluate(scope.set(Variable::value, *found));
    if (!written) payload.wrong = written.error();
    if (written) payload.attributes.emplace_back(one.written, std::move(*written));
  }
  return payload;
}

// A create must not be lost in a session that ended: where the recipe asks for it, a reading call proves the
// session first.
std::optional<Failure> AccountCreator::unproven(const CreateRecipe& recipe,
                                                const std::stop_token& stop) const {
  if (!recipe.session_proven || platform_.since_proven() <= *recipe.session_proven) return std::nullopt;
  auto self = own_account(platform_, stop);
  if (!self) {
    self.error().may_have_happened = false;
    return std::move(self.error());
  }
  if (self->remark.empty()) return std::nullopt;
  return http::fail(FailureKind::refused, "nothing proves that we are logged in: " + self->remark, "create")
      .value();
}

std::string AccountCreator::id_of_created(const Operation& operation, const Reply& reply,
                                          const std::stop_token& stop) const {
  const UserRecipe& user = platform_.recipe().user;
  const json body = parse_json(reply.response.body);
  const std::string& id_path = user.create->id.empty() ? user.id : user.create->id;
  const std::string& object = user.create->object;
  const bool told =
      !body.is_discarded() &&
      !twice_on_the_way(reply.response.body, {object.empty() ? id_path : object + "." + id_path});
  std::string id = told ? text_of(json_at(json_at(body, object), id_path)) : std::string();
  if (id.empty()) id = last_segment(reply.response.header("location"));
  const std::string key = text_of(operation.after.value(user.key, json()));
  if (id.empty() && !user.finds.empty() && !key.empty()) {
    auto found = lookup_.read({.natural_key = key, .kinds = no_kinds}, stop);
    if (found && *found) id = (*found)->id;
  }
  return id;
}

Outcome<Receipt> AccountCreator::create(const Operation& operation, const Secret& secret,
                                        const std::stop_token& stop) const {
  const UserRecipe& user = platform_.recipe().user;
  if (!user.create) return tl::unexpected(unsupported(operation, "this platform creates no accounts"));
  if (auto refused = unproven(*user.create, stop)) return tl::unexpected(std::move(*refused));
  Scope scope = platform_.scope();
  describe_new(operation, secret, scope);
  WriteRequest payload = payload_of(platform_, operation.after);
  std::erase_if(payload.attributes, [](const auto& attribute) { return attribute.second.is_null(); });
  if (!user.create->secret.empty() && !secret.empty()) {
    payload.attributes.emplace_back(user.create->secret, secret.reveal());
  }
  auto reply = platform_.send(user.create->call, scope, payload, stop);
  if (!reply) {
    // Some platforms act first and count requests afterwards: a new account may stand behind a 429.
    if (reply.error().kind == FailureKind::throttled) reply.error().may_have_happened = true;
    return tl::unexpected(without_secret(platform_.explained(std::move(reply.error())), secret));
  }
  std::string id = id_of_created(operation, *reply, stop);
  if (!id.empty()) {
    const bool more = !user.create->then.empty() || !user.create->answers.empty();
    return Receipt{.account = std::move(id),
                   .unfinished = more,
                   .answer = Secret(more ? std::move(reply->response.body) : std::string())};
  }
  Failure failure;
  failure.kind = FailureKind::malformed;
  failure.status = reply->response.status;
  failure.request = reply->shown;
  failure.message = "the platform created the account but did not say its id";
  failure.may_have_happened = true;
  return tl::unexpected(std::move(failure));
}

void AccountCreator::describe_new(const Operation& operation, const Secret& secret, Scope& scope) const {
  scope.set(Variable::wanted, nested(operation.after));
  scope.set(Variable::active, operation.active);
  scope.set_text(Variable::secret, secret.reveal());
  json given = json::object();
  for (const std::string& kind : platform_.recipe().user.create->gives) given[kind] = json::array();
  for (const Membership& edge : operation.gives) given[edge.kind].push_back(edge.entitlement);
  scope.set(Variable::given, given);
}

Outcome<Receipt> AccountCreator::finish(const Operation& create, const Receipt& created, const Secret& secret,
                                        const std::stop_token& stop) const {
  Receipt made{.account = created.account};
  if (!platform_.recipe().user.create) return made;
  const CreateRecipe& recipe = *platform_.recipe().user.create;
  Scope scope = platform_.scope();
  describe_new(create, secret, scope);
  scope.set(Variable::account, {{"id", made.account}});
  const json body = json::parse(created.answer.reveal(), nullptr, false);
  json answer = body.is_discarded() ? json() : body;
  for (const Call& call : recipe.then) {
    scope.set(Variable::answer, answer);
    auto told = calls_.ask(call, scope, secret, stop);
    if (!told && told.error().kind == FailureKind::already_so) continue;
    if (!told) {
      Failure failure = std::move(told.error());
      failure.message = "the account " + made.account + " was created, but then: " + failure.message;
      return tl::unexpected(std::move(failure));
    }
    answer = std::move(*told);
  }
  if (recipe.answers.empty()) return made;
  json told = json_at(body.is_discarded() ? json() : body, recipe.object);
  if (recipe.ask) {
    auto asked = calls_.ask(*recipe.ask, scope, {}, stop);
    if (asked) told = std::move(*asked);  // a secret that is not had now can be renewed: no failed create
  }
  made.secret = Secret(text_of(json_at(told, recipe.answers)));
  return made;
}

}  // namespace usher::recipe
