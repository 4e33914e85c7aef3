#include "examples/sandbox/mainflux.hpp"

#include <nlohmann/json.hpp>

#include "examples/sandbox/random.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

const std::vector<Route<Mainflux>>& Mainflux::routes() {
  static const std::vector<Route<Mainflux>> all{
      {"GET", "/users", &Mainflux::list_users},
      {"POST", "/users", &Mainflux::create_user},
      {"GET", "/users/profile", &Mainflux::profile},
      {"PATCH", "/users/secret", &Mainflux::update_secret},
      {"POST", "/users/tokens/issue", &Mainflux::issue},
      {"POST", "/users/tokens/refresh", &Mainflux::refresh},
      {"GET", "/users/{id}", &Mainflux::get_user},
      {"PATCH", "/users/{id}", &Mainflux::update_user},
      {"PATCH", "/users/{id}/tags", &Mainflux::update_tags},
      {"PATCH", "/users/{id}/identity", &Mainflux::update_identity},
      {"PATCH", "/users/{id}/owner", &Mainflux::update_owner},
      {"POST", "/users/{id}/enable", &Mainflux::post_enable},
      {"POST", "/users/{id}/disable", &Mainflux::post_disable},
      {"GET", "/users/{id}/memberships", &Mainflux::list_memberships},
      {"GET", "/groups", &Mainflux::list_groups},
      {"POST", "/groups", &Mainflux::create_group},
      {"GET", "/groups/{id}", &Mainflux::get_group},
      {"PUT", "/groups/{id}", &Mainflux::update_group},
      {"POST", "/groups/{id}/enable", &Mainflux::enable_group},
      {"POST", "/groups/{id}/disable", &Mainflux::disable_group},
      {"GET", "/groups/{id}/members", &Mainflux::list_members},
      {"GET", "/policies", &Mainflux::list_policies},
      {"POST", "/policies", &Mainflux::put_policy},
      {"PUT", "/policies", &Mainflux::change_policy},
      {"DELETE", "/policies/{user}/{group}", &Mainflux::delete_policy},
      {"POST", "/authorize", &Mainflux::authorize},
      {"POST", "/password/reset-request", &Mainflux::reset_request},
      {"PUT", "/password/reset", &Mainflux::reset_password},
      {"GET", "/health", &Mainflux::health},
  };
  return all;
}

Reply Mainflux::serve(const Call& call) {
  const std::string prefix = options_.switches.text("mainflux.policies-prefix");
  if (call.path == prefix || call.path.starts_with(prefix + '/')) {
    Call inner = call;
    inner.path = "/policies" + call.path.substr(prefix.size());
    return dispatch(inner);
  }
  if (call.path.starts_with("/policies")) return no_route(call);
  return dispatch(call);
}

Reply Mainflux::no_route(const Call& call) {
  Reply reply = empty_reply(404);
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = "404 page not found\n";
  if (call.path.size() > 1 && call.path.ends_with('/')) {
    reply.status = 302;
    std::string target = call.target;
    target.erase(call.path.size() - 1, 1);
    reply.headers.emplace_back("Location", target);
  }
  return reply;
}

Reply Mainflux::dispatch(const Call& call) {
  Captures ids;
  const Route<Mainflux>* route = find_route<Mainflux>(routes(), call, ids);
  if (route == nullptr) return no_route(call);
  Reply reply;
  try {
    reply = (this->*route->handler)(call, ids);
  } catch (const json::type_error&) {  // a member of another type than Go's decoder expects
    reply = empty_reply(400);
  }
  reply.route = route->pattern;
  return reply;
}

json Mainflux::login() const {
  return {{"identity", options_.admin_identity}, {"secret", options_.admin_secret}};
}

Reply Mainflux::error(int status, std::string_view inner, std::string_view outer) {
  return json_reply(status, {{"error", inner}, {"message", outer}});
}

Mainflux::Or<json> Mainflux::body_of(const Call& call) {
  if (call.content_type.find("application/json") == std::string::npos)
    return tl::make_unexpected(
        error(415, "unsupported content type", "something went wrong with the request"));
  json body = json::parse(call.body, nullptr, false);
  if (!body.is_object()) return tl::make_unexpected(empty_reply(400));
  for (auto member = body.begin(); member != body.end();)  // null is absent, as in Go
    member = member->is_null() ? body.erase(member) : std::next(member);
  return body;
}

Mainflux::Or<Mainflux::User*> Mainflux::caller(const Call& call) const {
  const std::string_view token = bearer(call.authorization);
  if (token.empty())
    return tl::make_unexpected(
        error(500, "missing or invalid bearer user token", "something went wrong with the request"));
  const auto claims = tokens_.read(token, clock_.seconds());
  if (!claims || claims->type != "access")
    return tl::make_unexpected(error(401, "", "failed to perform authentication over the entity"));
  User* user = users_.find(claims->subject);
  if (user == nullptr)
    return tl::make_unexpected(error(403, "", "failed to perform authorization over the entity"));
  return user;
}

Mainflux::Or<Mainflux::User*> Mainflux::administrator_or(const Call& call,
                                                         std::string_view allowed_id) const {
  auto user = caller(call);
  if (user && !(*user)->admin && (*user)->id != allowed_id)
    return tl::make_unexpected(error(403, "", "failed to perform authorization over the entity"));
  return user;
}

Reply Mainflux::pair_for(const std::string& id, const std::string& identity) {
  const std::int64_t now = clock_.seconds();
  Claims claims{id, identity, "access", now, now + options_.access_life.count()};
  const std::string access = tokens_.issue(claims);
  claims.type = "refresh";
  claims.expires = now + options_.refresh_life.count();
  return json_reply(
      201, {{"access_token", access}, {"refresh_token", tokens_.issue(claims)}, {"access_type", "Bearer"}});
}

Reply Mainflux::issue(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto identity = body->value("identity", ""), secret = body->value("secret", "");
  if (identity.empty()) return error(400, "missing entity identity", "something went wrong with the request");
  if (secret.empty()) return error(400, "missing secret", "something went wrong with the request");
  const auto found = by_identity_.find(identity);
  if (found == by_identity_.end() || !found->second->enabled)
    return error(404, "entity not found", "failed to perform authentication over the entity");
  if (found->second->secret != digest_of(found->second->id, secret))
    return error(500, "failed to compare secret and hashed secret", "invalid user id or secret");
  return pair_for(found->second->id, identity);
}

Reply Mainflux::refresh(const Call& call, const Captures&) {
  const std::string_view token = bearer(call.authorization);
  if (token.empty())
    return error(500, "missing or invalid bearer user token", "something went wrong with the request");
  const auto claims = tokens_.read(token, clock_.seconds());
  if (!claims || claims->type != "refresh")
    return error(401, "", "failed to perform authentication over the entity");
  return pair_for(claims->subject, claims->identity);
}

Reply Mainflux::reset_request(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto mail = body->value("email", "");
  if (mail.empty()) return error(400, "missing email", "something went wrong with the request");
  if (call.referer.empty()) return error(500, "missing host", "something went wrong with the request");
  const auto found = by_identity_.find(mail);
  if (found == by_identity_.end()) return error(404, "", "entity not found");
  return json_reply(201, {{"msg", "Email with reset link is sent"}});
}

Reply Mainflux::reset_password(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto password = body->value("password", "");
  if (password.empty()) return error(400, "missing password", "something went wrong with the request");
  if (password != body->value("confirm_password", ""))
    return error(500, "invalid reset password", "something went wrong with the request");
  if (password.size() < 8) return error(500, "", "password does not meet the requirements");
  const auto claims = tokens_.read(body->value("token", ""), clock_.seconds());
  User* user = claims ? users_.find(claims->subject) : nullptr;
  if (user == nullptr) return error(401, "", "failed to perform authentication over the entity");
  user->secret = digest_of(user->id, password);
  Reply reply = json_reply(201, json::object());
  reply.effect = "user.password";
  reply.subject = user->id;
  return reply;
}

Reply Mainflux::health(const Call&, const Captures&) {
  Reply reply =
      json_reply(200, {{"status", "pass"}, {"version", "0.14.0"}, {"description", "users service"}});
  reply.content_type = "application/health+json";
  return reply;
}

}  // namespace usher::sandbox
