#include "connectors/recipe/call_writer.hpp"

#include "connectors/recipe/writing.hpp"
#include "state/model/effect.hpp"
#include "state/model/json_path.hpp"
#include "state/model/json_text.hpp"

namespace usher::recipe {

using nlohmann::json;

Outcome<Receipt> CallWriter::write(const Call& call, Scope& scope, WriteRequest payload,
                                   const Operation& operation, const std::stop_token& stop) const {
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
  auto reply = platform_.send(call, scope, payload, stop);
  if (reply) {
    if (reply->read_back) return settle(operation, std::move(reply->doubt), stop);
    return Receipt{.account = operation.account};
  }
  reply = tl::unexpected(platform_.explained(std::move(reply.error())));
  const FailureKind kind = reply.error().kind;
  if (kind == FailureKind::already_so || (kind == FailureKind::gone && met)) {
    return Receipt{.account = operation.account, .already = true};
  }
  return tl::unexpected(std::move(reply.error()));
}

Outcome<Receipt> CallWriter::settle(const Operation& operation, Failure doubt,
                                    const std::stop_token& stop) const {
  memberships_.forget(operation.membership);
  auto account = lookup_.read(
      {.id = operation.account, .kinds = kinds_of({&operation, 1}), .edges = edges_of_all({&operation, 1})},
      stop);
  if (!account) {
    doubt.may_have_happened = true;
    doubt.message += "; reading the account back failed too: " + account.error().message;
    return tl::unexpected(std::move(doubt));
  }
  if (took_effect(operation, *account, platform_.capabilities())) {
    return Receipt{.account = operation.account, .already = true};
  }
  if (*account && !shows_effect(operation, platform_.capabilities())) {
    doubt.may_have_happened = true;
    doubt.message += "; the account does not show whether it was done";
    return tl::unexpected(std::move(doubt));
  }
  doubt.may_have_happened = false;
  if (!*account) doubt.kind = FailureKind::gone;
  return tl::unexpected(std::move(doubt));
}

Outcome<FreshObject> CallWriter::fresh(const std::string& account, const std::stop_token& stop) const {
  const auto& get_recipe = platform_.recipe().user.get;
  if (!get_recipe)
    return http::fail(FailureKind::unsupported, "the call needs the object as it is, and there is no 'get'",
                      "get");
  auto known = lookup_.objects_read().take(account);
  if (!known) {
    Scope scope = platform_.scope();
    scope.set(Variable::account, {{"id", account}});
    auto reply = platform_.get(get_recipe->call, scope, {}, stop);
    if (!reply) return tl::unexpected(std::move(reply.error()));
    known = {std::move(reply->response.body), std::string(reply->response.header("etag")), reply->shown};
  }
  const json body = parse_json(known->body);
  json object = json_at(body, get_recipe->object);
  if (get_recipe->list) {
    object = json();
    for (const json& one : json_at(body, get_recipe->items)) {
      const json& held = json_at(one, get_recipe->object);
      if (text_of(json_at(held, platform_.recipe().user.id)) == account) object = held;
    }
  }
  if (object.is_object()) return FreshObject{std::move(object), std::move(known->etag)};
  return http::fail(FailureKind::malformed, "the reply holds no object", known->shown);
}

Outcome<json> CallWriter::ask(const Call& call, Scope& scope, const Secret& secret,
                              const std::stop_token& stop) const {
  auto reply = platform_.send(call, scope, {}, stop);
  if (!reply) return tl::unexpected(without_secret(platform_.explained(std::move(reply.error())), secret));
  json body = parse_json(reply->response.body);
  return body.is_discarded() ? json() : std::move(body);
}

}  // namespace usher::recipe
