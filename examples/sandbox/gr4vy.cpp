#include "examples/sandbox/gr4vy.hpp"

#include <nlohmann/json.hpp>

#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

const std::vector<Route<Gr4vy>>& Gr4vy::routes_of_2021() {
  static const std::vector<Route<Gr4vy>> all{
      {"POST", "/auth/sessions", &Gr4vy::create_session},
      {"PUT", "/auth/sessions", &Gr4vy::refresh_session},
      {"DELETE", "/auth/sessions", &Gr4vy::delete_session},
      {"GET", "/users", &Gr4vy::list_users},
      {"POST", "/users", &Gr4vy::add_user},
      {"GET", "/users/me", &Gr4vy::current_user},
      {"POST", "/users/reset-password", &Gr4vy::reset_password},
      {"POST", "/users/set-password", &Gr4vy::set_password},
      {"GET", "/users/{user_id}", &Gr4vy::get_user},
      {"DELETE", "/users/{user_id}", &Gr4vy::delete_user},
  };
  return all;
}

const std::vector<Route<Gr4vy>>& Gr4vy::routes_of_2023() {
  static const std::vector<Route<Gr4vy>> all = [] {
    std::vector<Route<Gr4vy>> routes{
        {"PUT", "/users/me", &Gr4vy::update_current},
        {"PUT", "/users/{user_id}", &Gr4vy::update_user},
        {"GET", "/roles", &Gr4vy::list_roles},
        {"GET", "/roles/assignments", &Gr4vy::list_assignments},
        {"POST", "/roles/assignments", &Gr4vy::create_assignment},
        {"DELETE", "/roles/assignments/{id}", &Gr4vy::delete_assignment},
    };
    routes.insert(routes.end(), routes_of_2021().begin(), routes_of_2021().end());
    return routes;
  }();
  return all;
}

Reply Gr4vy::serve(const Call& call) {
  if (within_rate(options_.switches.number("gr4vy.rate-limit"))) return dispatch(call);
  Reply reply = error(429, "too_many_requests", "Too many requests have been made");
  if (options_.switches.flag("gr4vy.retry-after")) reply.headers.emplace_back("Retry-After", "1");
  return reply;
}

Reply Gr4vy::dispatch(const Call& call) {
  const auto& routes = is_2023() ? routes_of_2023() : routes_of_2021();
  Captures ids;
  const Route<Gr4vy>* route = find_route<Gr4vy>(routes, call, ids);
  if (route == nullptr)
    return has_path<Gr4vy>(routes, call) ? error(405, "method_not_allowed", "Method Not Allowed")
                                         : not_found();
  Reply reply;
  try {
    const bool open = route->pattern == "/auth/sessions";
    const auto asking = open ? Or<User*>(nullptr) : caller(call);
    reply = asking ? (this->*route->handler)(call, ids) : asking.error();
  } catch (const json::exception&) {
    reply = bad("body", "/", "a value has another type than expected");
  }
  reply.route = route->pattern;
  return reply;
}

json Gr4vy::login() const {
  return {{"identity", options_.admin_identity}, {"secret", options_.admin_secret}};
}

Reply Gr4vy::error(int status, const char* code, const std::string& message, json details) {
  return json_reply(status, {{"type", "error"},
                             {"code", code},
                             {"status", status},
                             {"message", message},
                             {"details", std::move(details)}});
}

Reply Gr4vy::error(int status, const char* code, const std::string& message) {
  return error(status, code, message, json::array());
}

Reply Gr4vy::bad(const char* location, const std::string& pointer, const std::string& message) {
  return error(
      400, "bad_request", "Request failed validation",
      json::array(
          {{{"location", location}, {"type", "value_error"}, {"pointer", pointer}, {"message", message}}}));
}

Reply Gr4vy::unauthorized() {
  return error(401, "unauthorized", "No valid API authentication found");
}

Reply Gr4vy::not_found() {
  return error(404, "not_found", "The resource could not be found");
}

Gr4vy::Or<json> Gr4vy::body_of(const Call& call) {
  json body = json::parse(call.body, nullptr, false);
  if (!body.is_object())
    return tl::make_unexpected(
        error(400, "incorrect_json", "Incorrect JSON. The request body could not be parsed as valid JSON."));
  for (auto member = body.begin(); member != body.end();)  // null is absent
    member = member->is_null() ? body.erase(member) : std::next(member);
  return body;
}

Gr4vy::Or<Claims> Gr4vy::claims_of(const Call& call) const {
  std::string_view token = bearer(call.authorization);
  if (token.empty()) token = bearer(call.authorization, "bearer ");
  auto claims = tokens_.read(token, clock_.seconds());
  if (!claims || !sessions_.contains(claims->id)) return tl::make_unexpected(unauthorized());
  return *claims;
}

Gr4vy::Or<Gr4vy::User*> Gr4vy::caller(const Call& call) const {
  if (const std::string ready = options_.switches.text("gr4vy.api-token");
      !ready.empty() && (call.authorization == "Bearer " + ready || call.authorization == "bearer " + ready))
    return nullptr;
  const auto claims = claims_of(call);
  if (!claims || claims->type != "access") return tl::make_unexpected(unauthorized());
  User* user = users_.find(claims->subject);
  if (user == nullptr) return tl::make_unexpected(unauthorized());
  return user;
}

Reply Gr4vy::session_for(const User& user, const std::string& id) {
  const std::int64_t now = clock_.seconds();
  Claims claims{user.id, "", "access", now, now + options_.access_life.count(), id};
  const std::string access = tokens_.issue(claims);
  claims.type = "refresh";
  claims.expires = now + options_.refresh_life.count();
  return json_reply(200, {{"type", "auth.session"},
                          {"token_type", "bearer"},
                          {"access_token", access},
                          {"refresh_token", tokens_.issue(claims)},
                          {"expires_in", options_.access_life.count()}});
}

Reply Gr4vy::create_session(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  if (body->contains("token")) return unauthorized();  // a Google account: nobody here has one
  for (const char* name : {"email_address", "password"})
    if (!body->contains(name)) return bad("body", std::string("/") + name, "field required");
  const auto found = by_mail_.find(lower((*body)["email_address"].get<std::string>()));
  if (found == by_mail_.end() || found->second->secret == 0 ||
      found->second->secret != digest_of(found->second->id, (*body)["password"].get<std::string>()))
    return unauthorized();
  found->second->seen = clock_.seconds() * 1'000'000;
  const std::string id = random_.uuid();
  sessions_[id] = found->second->id;
  return session_for(*found->second, id);
}

Reply Gr4vy::refresh_session(const Call& call, const Captures&) {
  const auto claims = claims_of(call);
  if (!claims || claims->type != "refresh") return unauthorized();
  const User* user = users_.find(claims->subject);
  if (user == nullptr) return unauthorized();
  return session_for(*user, claims->id);
}

Reply Gr4vy::delete_session(const Call& call, const Captures&) {
  const auto claims = claims_of(call);
  if (!claims) return unauthorized();
  sessions_.erase(claims->id);
  return empty_reply(204);
}

}  // namespace usher::sandbox
