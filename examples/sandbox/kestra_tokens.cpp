#include <nlohmann/json.hpp>
#include <regex>

#include "examples/sandbox/kestra.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

/// The seconds of an ISO 8601 duration like "P30D" or "PT8H30M"; nothing when it is none.
std::optional<std::int64_t> seconds_of(const std::string& duration) {
  static const std::regex shape(
      "P(?:(\\d+)W)?(?:(\\d+)D)?(?:T(?:(\\d+)H)?(?:(\\d+)M)?(?:(\\d+)(?:\\.\\d+)?S)?)?");
  constexpr std::array<std::int64_t, 5> units{604800, 86400, 3600, 60, 1};
  std::smatch parts;
  if (duration.size() > 40 || !std::regex_match(duration, parts, shape)) return std::nullopt;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < units.size(); ++i)
    if (parts[i + 1].matched) total += std::stoll(parts[i + 1].str().substr(0, 9)) * units[i];
  return total;
}

bool is_name(const std::string& name) {
  static const std::regex shape("[a-z0-9]+(?:-[a-z0-9]+)*");
  return name.size() <= 63 && std::regex_match(name, shape);
}

}  // namespace

Reply Kestra::tokens_of(const Call& call, const User* user) const {
  if (user == nullptr) return missing(call, "user");
  json rows = json::array();
  for (const ApiToken& token : user->tokens) {
    json row{{"id", token.id},
             {"name", token.name},
             {"description", token.description},
             {"prefix", token.prefix},
             {"iat", rfc3339(token.issued * 1'000'000)},
             {"extended", token.extended},
             {"expired", token.expires != 0 && token.expires <= clock_.seconds()}};
    if (token.expires != 0) row["exp"] = rfc3339(token.expires * 1'000'000);
    rows.push_back(std::move(row));
  }
  return json_reply(200, {{"total", rows.size()}, {"results", rows}});
}

Reply Kestra::new_token(const Call& call, User* user) {
  const auto body = body_of(call);
  if (!body) return body.error();
  if (user == nullptr) return missing(call, "user");
  ApiToken token;
  token.name = body->value("name", "");
  token.description = body->value("description", "");
  token.extended = body->value("extended", false);
  if (!is_name(token.name))
    return problem(call, 422, "Invalid entity: name must be lower-case letters, digits and hyphens");
  token.issued = clock_.seconds();
  if (const auto age = body->value("maxAge", ""); !age.empty()) {
    const auto life = seconds_of(age);
    if (!life) return problem(call, 422, "Invalid entity: maxAge must be an ISO 8601 duration");
    token.expires = token.issued + *life;
  }
  token.id = random_.word(22, base62);
  const std::string full = random_.word(48, base62);
  token.prefix = full.substr(0, 6);
  token.digest = digest(full, options_.seed);
  by_token_[token.digest] = user;
  user->tokens.push_back(token);
  return done(200, "token.create", user->id + '/' + token.id,
              json{{"id", token.id}, {"name", token.name}, {"fullToken", full}}.dump());
}

Reply Kestra::drop_token(const Call& call, User* user, std::string_view id, int status) {
  if (user != nullptr)
    for (auto token = user->tokens.begin(); token != user->tokens.end(); ++token)
      if (token->id == id) {
        by_token_.erase(token->digest);
        user->tokens.erase(token);
        return done(status, "token.delete", user->id + '/' + std::string(id), status == 204 ? "" : "{}");
      }
  return missing(call, "user, or API token");
}

Kestra::User* Kestra::account_in(std::string_view tenant, std::string_view id) const {
  User* user = accounts_.find(id);
  return user != nullptr && has_access(*user, tenant) ? user : nullptr;
}

Reply Kestra::list_tokens(const Call& call, const Captures& ids) {
  return tokens_of(call, users_.find(ids[0]));
}
Reply Kestra::create_token(const Call& call, const Captures& ids) {
  return new_token(call, users_.find(ids[0]));
}
Reply Kestra::delete_token(const Call& call, const Captures& ids) {
  return drop_token(call, users_.find(ids[0]), ids[1], 204);
}

Reply Kestra::list_tokens_of_account(const Call& call, const Captures& ids) {
  return tokens_of(call, accounts_.find(ids[0]));
}
Reply Kestra::create_token_of_account(const Call& call, const Captures& ids) {
  return new_token(call, accounts_.find(ids[0]));
}
Reply Kestra::delete_token_of_account(const Call& call, const Captures& ids) {
  return drop_token(call, accounts_.find(ids[0]), ids[1], 200);
}

Reply Kestra::list_tokens_in_tenant(const Call& call, const Captures& ids) {
  return tokens_of(call, account_in(ids[0], ids[1]));
}
Reply Kestra::create_token_in_tenant(const Call& call, const Captures& ids) {
  return new_token(call, account_in(ids[0], ids[1]));
}
Reply Kestra::delete_token_in_tenant(const Call& call, const Captures& ids) {
  return drop_token(call, account_in(ids[0], ids[1]), ids[2], 200);
}

std::string Kestra::account(const User& user) const {
  const json whole = json::parse(summary(user));
  return json{{"id", user.id},
              {"name", user.username},
              {"description", user.description},
              {"tenants", whole["tenants"]},
              {"superAdmin", user.super_admin}}
      .dump();
}

Reply Kestra::list_accounts(const Call& call, const Captures&) {
  const auto window = window_of(call, true);
  if (!window) return window.error();
  std::string rows;
  for (std::size_t i = window->begin; i < std::min(accounts_.size(), window->end); ++i)
    rows.append(rows.empty() ? "" : ",").append(account(accounts_[i]));
  return page(accounts_.size(), rows);
}

Reply Kestra::create_account(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User user;
  user.username = body->value("name", "");
  user.description = body->value("description", "");
  user.super_admin = body->value("superAdmin", false);
  const auto tenants = body->value("tenants", std::vector<std::string>());
  if (!is_name(user.username))
    return problem(call, 422, "Invalid entity: name must be lower-case letters, digits and hyphens");
  for (const User* other : accounts_.order())
    if (other->username == user.username)
      return problem(call, 409, "Conflict: a service account with this name already exists");
  for (const std::string& id : tenants)
    if (tenant_of(id) == nullptr) return missing(call, "tenant " + id);
  user.id = random_.word(22, base62);
  user.tenants = tenants;
  const User& added = accounts_.add(std::move(user));
  return done(200, "account.create", added.id, account(added));
}

Reply Kestra::get_account(const Call& call, const Captures& ids) {
  const User* user = accounts_.find(ids[0]);
  if (user == nullptr) return missing(call, "service account");
  Reply reply;
  reply.body = account(*user);
  return reply;
}

Reply Kestra::patch_account(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User* user = accounts_.find(ids[0]);
  if (user == nullptr) return missing(call, "service account");
  const auto name = body->value("name", user->username);
  if (!is_name(name))
    return problem(call, 422, "Invalid entity: name must be lower-case letters, digits and hyphens");
  user->username = name;
  user->description = body->value("description", user->description);
  return done(200, "account.update", user->id, account(*user));
}

Reply Kestra::delete_account(const Call& call, const Captures& ids) {
  User* user = accounts_.find(ids[0]);
  if (user == nullptr) return missing(call, "service account");
  for (const ApiToken& token : user->tokens) by_token_.erase(token.digest);
  accounts_.erase(*user);
  return done(204, "account.delete", std::string(ids[0]));
}

}  // namespace usher::sandbox
