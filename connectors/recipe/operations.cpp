#include <algorithm>
#include <set>

#include "connectors/canonical.hpp"
#include "connectors/recipe/reading.hpp"
#include "connectors/recipe/recipe_connector.hpp"
#include "connectors/recipe/writing.hpp"
#include "state/model/json_text.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

std::string last_segment(std::string_view location) {
  while (location.ends_with('/')) location.remove_suffix(1);
  location = location.substr(0, location.find_first_of("?#"));
  return std::string(location.substr(location.rfind('/') + 1));
}

json nested(const json& values) {
  json object = json::object();
  for (const auto& [path, value] : values.items()) put_at(object, path, value);
  return object;
}

json membership_json(const Membership& edge, const std::string& id) {
  return {{"id", id}, {"kind", edge.kind}, {"entitlement", edge.entitlement}, {"details", edge.details}};
}

// There is nothing left to take away, or nothing to change.
Outcome<Receipt> none_such(const Operation& operation, const Membership& edge) {
  if (operation.kind == OperationKind::remove_membership)
    return Receipt{.account = operation.account, .already = true};
  Failure failure = unsupported(operation, "the account is not in " + edge.kind + " " + edge.entitlement);
  failure.kind = FailureKind::gone;
  return tl::unexpected(std::move(failure));
}

}  // namespace

WriteRequest RecipeConnector::payload_of(const json& values) const {
  WriteRequest payload;
  for (const AttributeRecipe& one : caller_->recipe().user.attributes) {
    const auto found = values.find(one.place.attribute.path);
    if (found == values.end()) continue;
    if (found->is_null() || !one.as) {
      payload.attributes.emplace_back(one.written, found->is_null() && one.empty ? *one.empty : *found);
      continue;
    }
    Scope scope = caller_->scope();
    auto written = one.as->evaluate(scope.set(Variable::value, *found));
    if (!written) payload.wrong = written.error();
    if (written) payload.attributes.emplace_back(one.written, std::move(*written));
  }
  return payload;
}

Outcome<Receipt> RecipeConnector::apply(const Operation& operation, const Secret& first_secret,
                                        std::stop_token stop) {
  const UserRecipe& user = caller_->recipe().user;
  switch (operation.kind) {
    case OperationKind::create:
      return create(operation, first_secret, stop);
    case OperationKind::update:
      return update(operation, stop);
    case OperationKind::enable:
      return run(user.enable, operation, stop);
    case OperationKind::disable:
      return run(user.disable, operation, stop);
    case OperationKind::lock:
      return run(user.lock, operation, first_secret, stop);
    case OperationKind::unlock:
      return run(user.unlock, operation, first_secret, stop);
    case OperationKind::rotate:
      return rotate(operation.route, operation, first_secret, stop);
    case OperationKind::revoke:
      return revoke(operation.route, operation, stop);
    case OperationKind::remove:
      return run(user.remove, operation, stop);
    case OperationKind::add_membership:
    case OperationKind::change_membership:
    case OperationKind::remove_membership:
      return change_membership(operation, stop);
  }
  return tl::unexpected(unsupported(operation, "no such call"));
}

// What every write comes to: a refusal that only says it was so already is no failure.
Outcome<Receipt> RecipeConnector::write(const Call& call, Scope& scope, WriteRequest payload,
                                        const Operation& operation, const std::stop_token& stop) {
  const bool met = met_by_absence(operation.kind);
  if (call.replace || call.reads_fresh) {
    auto now = fresh(operation.account, stop);
    if (!now && now.error().kind == FailureKind::gone && met)
      return Receipt{.account = operation.account, .already = true};
    if (!now) return tl::unexpected(std::move(now.error()));
    scope.set(Variable::fresh, now->object);
    scope.set_text(Variable::etag, now->etag);
    payload.fresh = std::move(now->object);
  }
  auto reply = caller_->send(*transport_, call, scope, payload, {}, stop);
  if (reply) {
    if (reply->read_back) return settle(operation, std::move(reply->doubt), stop);
    return Receipt{.account = operation.account};
  }
  reply = tl::unexpected(explained(std::move(reply.error())));
  const FailureKind kind = reply.error().kind;
  if (kind == FailureKind::already_so || (kind == FailureKind::gone && met)) {
    return Receipt{.account = operation.account, .already = true};
  }
  return tl::unexpected(std::move(reply.error()));
}

Outcome<Receipt> RecipeConnector::run(const std::vector<Call>& calls, const Operation& operation,
                                      const std::stop_token& stop) {
  if (calls.empty()) return tl::unexpected(unsupported(operation, "this platform has no such call"));
  Receipt receipt{.account = operation.account, .already = true};
  for (const Call& call : calls) {
    Scope scope = caller_->scope();
    scope.set(Variable::account, {{"id", operation.account}});
    auto done = write(call, scope, {}, operation, stop);
    if (!done) return done;
    receipt.already = receipt.already && done->already;
  }
  return receipt;
}

Outcome<Receipt> RecipeConnector::settle(const Operation& operation, Failure doubt,
                                         const std::stop_token& stop) {
  auto account = read({.id = operation.account, .kinds = kinds_of({&operation, 1})}, stop);
  if (!account) {
    doubt.may_have_happened = true;
    doubt.message += "; reading the account back failed too: " + account.error().message;
    return tl::unexpected(std::move(doubt));
  }
  if (*account && holds(operation, **account, capabilities_)) {
    return Receipt{.account = operation.account, .already = true};
  }
  doubt.may_have_happened = false;
  if (!*account) doubt.kind = FailureKind::gone;
  return tl::unexpected(std::move(doubt));
}

Outcome<RecipeConnector::Fresh> RecipeConnector::fresh(const std::string& account,
                                                       const std::stop_token& stop) {
  const auto& get_recipe = caller_->recipe().user.get;
  if (!get_recipe)
    return http::fail(FailureKind::unsupported, "the call needs the object as it is, and there is no 'get'",
                      "get");
  Scope scope = caller_->scope();
  scope.set(Variable::account, {{"id", account}});
  auto reply = get(get_recipe->call, scope, {}, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  const json body = parse_json(reply->response.body);
  json object = json_at(body, get_recipe->object);
  if (get_recipe->list) {
    object = json();
    for (const json& one : json_at(body, get_recipe->items)) {
      const json& held = json_at(one, get_recipe->object);
      if (text_of(json_at(held, caller_->recipe().user.id)) == account) object = held;
    }
  }
  if (object.is_object()) return Fresh{std::move(object), std::string(reply->response.header("etag"))};
  return http::fail(FailureKind::malformed, "the reply holds no object", reply->shown);
}

Outcome<Receipt> RecipeConnector::create(const Operation& operation, const Secret& secret,
                                         const std::stop_token& stop) {
  const UserRecipe& user = caller_->recipe().user;
  if (!user.create) return tl::unexpected(unsupported(operation, "this platform creates no accounts"));
  if (user.create->session_proven) {
    const auto age = clock_.now().time_since_epoch() - std::chrono::steady_clock::duration(proven_at_.load());
    if (age > *user.create->session_proven) {
      auto self = own_account(stop);
      if (!self) {
        self.error().may_have_happened = false;
        return tl::unexpected(std::move(self.error()));
      }
      if (!self->remark.empty())
        return http::fail(FailureKind::refused, "nothing proves that we are logged in: " + self->remark,
                          "create");
    }
  }
  Scope scope = caller_->scope();
  describe_new(operation, secret, scope);
  WriteRequest payload = payload_of(operation.after);
  std::erase_if(payload.attributes, [](const auto& attribute) { return attribute.second.is_null(); });
  if (!user.create->secret.empty() && !secret.empty()) {
    payload.attributes.emplace_back(user.create->secret, secret.reveal());
  }
  auto reply = caller_->send(*transport_, user.create->call, scope, payload, {}, stop);
  if (!reply) {
    // Some platforms act first and count requests afterwards: a new account may stand behind a 429.
    if (reply.error().kind == FailureKind::throttled) reply.error().may_have_happened = true;
    return tl::unexpected(without_secret(explained(std::move(reply.error())), secret));
  }
  const json body = parse_json(reply->response.body);
  const std::string& id_path = user.create->id.empty() ? user.id : user.create->id;
  std::string id =
      body.is_discarded() ? std::string() : text_of(json_at(json_at(body, user.create->object), id_path));
  if (id.empty()) id = last_segment(reply->response.header("location"));
  const std::string key = text_of(operation.after.value(user.key, json()));
  if (id.empty() && !user.finds.empty() && !key.empty()) {
    auto found = read({.natural_key = key, .kinds = no_kinds}, stop);
    if (found && *found) id = (*found)->id;
  }
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

void RecipeConnector::describe_new(const Operation& operation, const Secret& secret, Scope& scope) const {
  scope.set(Variable::wanted, nested(operation.after));
  scope.set(Variable::active, operation.active);
  scope.set_text(Variable::secret, secret.reveal());
  json given = json::object();
  for (const std::string& kind : caller_->recipe().user.create->gives) given[kind] = json::array();
  for (const Membership& edge : operation.gives) given[edge.kind].push_back(edge.entitlement);
  scope.set(Variable::given, given);
}

Outcome<Receipt> RecipeConnector::finish(const Operation& create, const Receipt& created,
                                         const Secret& secret, std::stop_token stop) {
  Receipt made{.account = created.account};
  if (!caller_->recipe().user.create) return made;
  const CreateRecipe& recipe = *caller_->recipe().user.create;
  Scope scope = caller_->scope();
  describe_new(create, secret, scope);
  scope.set(Variable::account, {{"id", made.account}});
  const json body = json::parse(created.answer.reveal(), nullptr, false);
  json answer = body.is_discarded() ? json() : body;
  for (const Call& call : recipe.then) {
    scope.set(Variable::answer, answer);
    auto told = ask(call, scope, secret, stop);
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
    auto asked = ask(*recipe.ask, scope, {}, stop);
    if (asked) told = std::move(*asked);  // a secret that is not had now can be renewed: no failed create
  }
  made.secret = Secret(text_of(json_at(told, recipe.answers)));
  return made;
}

Outcome<Receipt> RecipeConnector::update(const Operation& operation, const std::stop_token& stop) {
  const auto& updates = caller_->recipe().user.updates;
  const auto route = std::find_if(updates.begin(), updates.end(),
                                  [&](const UpdateRecipe& one) { return one.name == operation.route; });
  if (route == updates.end())
    return tl::unexpected(unsupported(operation, "no route '" + operation.route + "'"));
  Scope scope = caller_->scope();
  scope.set(Variable::account, {{"id", operation.account}});
  scope.set(Variable::wanted, nested(operation.after));
  return write(route->call, scope, payload_of(operation.after), operation, stop);
}

Outcome<Receipt> RecipeConnector::change_membership(const Operation& operation, const std::stop_token& stop) {
  const Membership& edge = operation.membership;
  const EntitlementRecipe* kind = caller_->recipe().entitlement(edge.kind);
  if (kind == nullptr) return tl::unexpected(unsupported(operation, "no entitlement '" + edge.kind + "'"));
  const std::string& account = operation.account.empty() ? edge.account : operation.account;
  Scope scope = caller_->scope();
  scope.set(Variable::account, {{"id", account}});
  scope.set(Variable::membership, membership_json(edge, {}));
  const std::optional<Call>& call = kind->set                                            ? kind->set
                                    : operation.kind == OperationKind::add_membership    ? kind->add
                                    : operation.kind == OperationKind::remove_membership ? kind->remove
                                                                                         : kind->change;
  if (!call) return tl::unexpected(unsupported(operation, "no such call for a " + edge.kind));
  if (kind->set) {
    auto now = read({.id = account, .kinds = std::vector{edge.kind}}, stop);
    if (!now) return tl::unexpected(std::move(now.error()));
    if (!*now) return none_such(operation, edge);  // no account is not an account without memberships
    std::set<std::string> ids;
    const json held = json::parse((*now)->memberships, nullptr, false);
    for (const auto& [id, details] : json_at(held, edge.kind).items()) ids.insert(id);
    const bool adds = operation.kind != OperationKind::remove_membership;
    const bool changed = adds ? ids.insert(edge.entitlement).second : ids.erase(edge.entitlement) > 0;
    if (!changed) return Receipt{.account = account, .already = true};
    scope.set(Variable::memberships, ids);
  }
  if (call->reads_edge_id) {
    auto edges = kind->memberships.from == MembershipReading::From::user ? edges_inside(*kind, account, stop)
                                                                         : edges_of(*kind, account, stop);
    if (!edges) return tl::unexpected(std::move(edges.error()));
    const auto held = std::find_if(edges->begin(), edges->end(), [&](const Edge& one) {
      return one.membership.entitlement == edge.entitlement;
    });
    if (held == edges->end()) return none_such(operation, edge);
    scope.set(Variable::membership, membership_json(edge, held->id));
  }
  return write(*call, scope, {}, operation, stop);
}

// Memberships that stand in the user object, with the ids of their own.
Outcome<std::vector<RecipeConnector::Edge>> RecipeConnector::edges_inside(const EntitlementRecipe& kind,
                                                                          const std::string& account,
                                                                          const std::stop_token& stop) {
  auto now = fresh(account, stop);
  if (!now) return tl::unexpected(std::move(now.error()));
  const InnerMemberships& inner = kind.memberships.inner;
  const json& field = json_at(now->object, inner.place);
  std::vector<Edge> edges;
  for (const json& item : field.is_array() ? field : json::array({field})) {
    const std::string group = text_of(json_at(item, inner.id));
    if (!group.empty())
      edges.push_back({{account, kind.kind, group, {}}, text_of(json_at(item, kind.memberships.id))});
  }
  return edges;
}

}  // namespace usher::recipe
