#include "examples/sandbox/kestra.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "examples/sandbox/text.hpp"
#include "examples/sandbox/tokens.hpp"

namespace usher::sandbox {

using nlohmann::json;

const std::vector<Route<Kestra>>& Kestra::routes() {
  static const std::vector<Route<Kestra>> all{
      {"GET", "/api/v1/me", &Kestra::me},
      {"PUT", "/api/v1/me/password", &Kestra::own_password},
      {"GET", "/api/v1/users", &Kestra::list_users},
      {"POST", "/api/v1/users", &Kestra::create_user},
      {"GET", "/api/v1/users/{id}", &Kestra::get_user},
      {"PUT", "/api/v1/users/{id}", &Kestra::replace_user},
      {"PATCH", "/api/v1/users/{id}", &Kestra::patch_user},
      {"DELETE", "/api/v1/users/{id}", &Kestra::delete_user},
      {"PATCH", "/api/v1/users/{id}/password", &Kestra::patch_password},
      {"PATCH", "/api/v1/users/{id}/superadmin", &Kestra::patch_superadmin},
      {"PATCH", "/api/v1/users/{id}/restricted", &Kestra::patch_restricted},
      {"DELETE", "/api/v1/users/{id}/auths/{auth}", &Kestra::delete_auth},
      {"DELETE", "/api/v1/users/{id}/refresh-token", &Kestra::delete_refresh_token},
      {"POST", "/api/v1/users/{id}/impersonate", &Kestra::impersonate},
      {"GET", "/api/v1/users/{id}/api-tokens", &Kestra::list_tokens},
      {"POST", "/api/v1/users/{id}/api-tokens", &Kestra::create_token},
      {"DELETE", "/api/v1/users/{id}/api-tokens/{tokenId}", &Kestra::delete_token},
      {"GET", "/api/v1/service-accounts", &Kestra::list_accounts},
      {"POST", "/api/v1/service-accounts", &Kestra::create_account},
      {"GET", "/api/v1/service-accounts/{id}", &Kestra::get_account},
      {"PATCH", "/api/v1/service-accounts/{id}", &Kestra::patch_account},
      {"DELETE", "/api/v1/service-accounts/{id}", &Kestra::delete_account},
      {"GET", "/api/v1/service-accounts/{id}/api-tokens", &Kestra::list_tokens_of_account},
      {"POST", "/api/v1/service-accounts/{id}/api-tokens", &Kestra::create_token_of_account},
      {"DELETE", "/api/v1/service-accounts/{id}/api-tokens/{tokenId}", &Kestra::delete_token_of_account},
      {"GET", "/api/v1/tenants/search", &Kestra::search_tenants},
      {"GET", "/api/v1/{tenant}/service-accounts/{id}/api-tokens", &Kestra::list_tokens_in_tenant},
      {"POST", "/api/v1/{tenant}/service-accounts/{id}/api-tokens", &Kestra::create_token_in_tenant},
      {"DELETE", "/api/v1/{tenant}/service-accounts/{id}/api-tokens/{tokenId}",
       &Kestra::delete_token_in_tenant},
      {"PUT", "/api/v1/{tenant}/users/{id}/groups", &Kestra::put_user_groups},
      {"GET", "/api/v1/{tenant}/groups/search", &Kestra::search_groups},
      {"POST", "/api/v1/{tenant}/groups/ids", &Kestra::groups_by_id},
      {"POST", "/api/v1/{tenant}/groups/autocomplete", &Kestra::autocomplete_groups},
      {"POST", "/api/v1/{tenant}/groups", &Kestra::create_group},
      {"GET", "/api/v1/{tenant}/groups/{id}", &Kestra::get_group},
      {"PUT", "/api/v1/{tenant}/groups/{id}", &Kestra::put_group},
      {"DELETE", "/api/v1/{tenant}/groups/{id}", &Kestra::delete_group},
      {"GET", "/api/v1/{tenant}/groups/{id}/members", &Kestra::list_members},
      {"PUT", "/api/v1/{tenant}/groups/{id}/members/{userId}", &Kestra::add_member},
      {"DELETE", "/api/v1/{tenant}/groups/{id}/members/{userId}", &Kestra::remove_member},
      {"PUT", "/api/v1/{tenant}/groups/{id}/members/membership/{userId}", &Kestra::put_membership},
      {"GET", "/api/v1/{tenant}/tenant-access", &Kestra::list_access},
      {"POST", "/api/v1/{tenant}/tenant-access", &Kestra::create_access},
      {"POST", "/api/v1/{tenant}/tenant-access/autocomplete", &Kestra::autocomplete_users},
      {"GET", "/api/v1/{tenant}/tenant-access/{userId}", &Kestra::get_access},
      {"PUT", "/api/v1/{tenant}/tenant-access/{userId}", &Kestra::put_access},
      {"DELETE", "/api/v1/{tenant}/tenant-access/{userId}", &Kestra::delete_access},
      {"GET", "/api/v1/{tenant}/roles/search", &Kestra::search_roles},
      {"POST", "/api/v1/{tenant}/bindings", &Kestra::create_binding},
      {"GET", "/api/v1/{tenant}/bindings/search", &Kestra::search_bindings},
      {"GET", "/api/v1/{tenant}/bindings/{id}", &Kestra::get_binding},
      {"DELETE", "/api/v1/{tenant}/bindings/{id}", &Kestra::delete_binding},
  };
  return all;
}

Reply Kestra::serve(const Call& call) {
  Captures ids;
  const Route<Kestra>* route = find_route<Kestra>(routes(), call, ids);
  if (route == nullptr)
    return has_path<Kestra>(routes(), call) ? problem(call, 405, "Method [" + call.method + "] not allowed")
                                            : problem(call, 404, "Page Not Found");
  const auto asking = caller(call);
  if (!asking) return asking.error();
  Reply reply;
  if (!(*asking)->super_admin && !route->pattern.starts_with("/api/v1/me")) {
    reply = empty_reply(403);
  } else if (route->pattern.starts_with("/api/v1/{tenant}") && tenant_of(ids[0]) == nullptr) {
    reply = missing(call, "tenant " + std::string(ids[0]));
  } else {
    try {
      reply = (this->*route->handler)(call, ids);
    } catch (const json::exception&) {
      reply = problem(call, 422, "Unprocessable entity: a value has another type than expected");
    }
  }
  reply.route = route->pattern;
  return reply;
}

json Kestra::login() const {
  return {{"identity", options_.admin_identity}, {"secret", options_.admin_secret}};
}

void Kestra::expire_tokens() {
  for (User* user : users_.order())
    for (ApiToken& token : user->tokens) token.expires = 1;
  for (User* user : accounts_.order())
    for (ApiToken& token : user->tokens) token.expires = 1;
}

Kestra::Or<Kestra::User*> Kestra::caller(const Call& call) {
  if (const auto given = basic(call.authorization)) {
    const auto found = by_mail_.find(lower(given->first));
    if (found != by_mail_.end() && found->second->secret == digest_of(found->second->id, given->second))
      return found->second;
  }
  if (const std::string_view token = bearer(call.authorization); !token.empty()) {
    const std::uint64_t wanted = digest(token, options_.seed);
    const auto found = by_token_.find(wanted);
    if (found != by_token_.end())
      for (const ApiToken& one : found->second->tokens)
        if (one.digest == wanted && (one.expires == 0 || one.expires > clock_.seconds()))
          return found->second;
  }
  Reply refusal = empty_reply(401);
  refusal.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Kestra\"");
  return tl::make_unexpected(std::move(refusal));
}

Kestra::Or<json> Kestra::body_of(const Call& call) const {
  if (call.content_type.find("application/json") == std::string::npos)
    return tl::make_unexpected(
        problem(call, 415, "Unsupported Media Type: content type must be application/json"));
  json body = json::parse(call.body, nullptr, false);
  if (!body.is_object()) return tl::make_unexpected(problem(call, 422, "Invalid JSON: malformed body"));
  for (auto member = body.begin(); member != body.end();)  // null is absent
    member = member->is_null() ? body.erase(member) : std::next(member);
  return body;
}

Kestra::Or<Kestra::Window> Kestra::window_of(const Call& call, bool sortable) const {
  const auto number = [&call](const char* name, std::int64_t standard) -> std::int64_t {
    const std::string text = call.parameter(name, std::to_string(standard));
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && end == text.data() + text.size() ? value : -1;
  };
  const std::int64_t number_of_page = number("page", 1);
  std::int64_t size = number("size", 10);
  if (number_of_page < 1 || size < 1)
    return tl::make_unexpected(
        problem(call, 422, "Invalid query: page and size must be greater than or equal to 1"));
  if (const auto cap = options_.switches.number("kestra.page-cap"); cap > 0) size = std::min(size, cap);
  if (const std::string sort = call.parameter("sort"); !sort.empty()) {
    if (!sort.ends_with(":asc") && !sort.ends_with(":desc"))
      return tl::make_unexpected(problem(call, 422, "Invalid query: sort must be field:asc or field:desc"));
    if (!sortable)
      return tl::make_unexpected(
          problem(call, 500, "Internal Server Error: Unexpected error in the SQL statement"));
  }
  const auto begin = static_cast<std::size_t>((number_of_page - 1) * size);
  return Window{begin, begin + static_cast<std::size_t>(size)};
}

Reply Kestra::problem(const Call& call, int status, const std::string& message) const {
  json self{{"href", call.path}, {"templated", false}};
  if (options_.switches.flag("kestra.links-in-arrays")) self = json::array({self});
  return json_reply(status, {{"message", message},
                             {"_links", {{"self", self}}},
                             {"_embedded", {{"errors", json::array({{{"message", message}}})}}}});
}

Reply Kestra::missing(const Call& call, const std::string& what) const {
  return problem(call, 404, "Not Found: " + what + " does not exist");
}

Reply Kestra::page(std::size_t total, const std::string& rows) const {
  Reply reply;
  reply.items = "results";
  if (rows.empty() && options_.switches.flag("kestra.omit-empty-results"))
    reply.body = "{\"total\":" + std::to_string(total) + '}';
  else
    reply.body = "{\"results\":[" + rows + "],\"total\":" + std::to_string(total) + '}';
  return reply;
}

Reply Kestra::done(int status, std::string_view effect, std::string subject, std::string body) {
  Reply reply;
  reply.status = status;
  if (body.empty()) reply.content_type.clear();
  reply.body = std::move(body);
  reply.effect = effect;
  reply.subject = std::move(subject);
  return reply;
}

Reply Kestra::me(const Call& call, const Captures&) {
  const auto asking = caller(call);
  if (!asking) return asking.error();
  const User& user = **asking;
  json tenants = json::array();
  for (const Tenant& tenant : tenants_)
    if (has_access(user, tenant.id))
      tenants.push_back({{"id", tenant.id}, {"name", tenant.name}, {"logo", ""}});
  json auths = json::array();
  if (!user.password_auth.empty()) auths.push_back({{"name", user.username}, {"type", "PASSWORD"}});
  return json_reply(200, {{"id", user.id},
                          {"superAdmin", user.super_admin},
                          {"restricted", user.restricted},
                          {"profile",
                           {{"email", user.mail},
                            {"firstName", user.first},
                            {"lastName", user.last},
                            {"username", user.username}}},
                          {"auths", auths},
                          {"tenants", tenants}});
}

Reply Kestra::own_password(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto asking = caller(call);
  if (!asking) return asking.error();
  const auto wanted = body->value("newPassword", "");
  if ((*asking)->secret != digest_of((*asking)->id, body->value("oldPassword", "")))
    return problem(call, 422, "Invalid entity: the old password is not correct");
  if (wanted.size() < static_cast<std::size_t>(options_.switches.number("kestra.password-minimum")))
    return problem(call, 422, "Invalid entity: the password is too weak");
  set_password(**asking, wanted);
  return done(200, "user.password", (*asking)->id, json{{"id", (*asking)->id}}.dump());
}

}  // namespace usher::sandbox
