#include <nlohmann/json.hpp>

#include "examples/sandbox/kestra.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

void append_flag(std::string& out, std::string_view name, bool value) {
  append_name(out, name);
  out += value ? "true" : "false";
}

}  // namespace

std::string Kestra::summary(const User& user) const {
  std::string out;
  out.reserve(400);
  out = '{';
  append_member(out, "id", user.id);
  append_member(out, "username", user.username);
  const bool named = !user.first.empty() || !user.last.empty();
  const bool both = !user.first.empty() && !user.last.empty();
  append_member(out, "displayName", named ? user.first + (both ? " " : "") + user.last : user.username);
  append_name(out, "tenants");
  out += '[';
  for (const std::string& id : user.tenants)
    for (const Tenant& tenant : tenants_)
      if (tenant.id == id) {
        std::string one = "{";
        append_member(one, "id", tenant.id);
        append_member(one, "name", tenant.name);
        out.append(out.back() == '[' ? "" : ",").append(one).append("}");
      }
  out += ']';
  append_name(out, "auths");
  out += '[';
  if (!user.password_auth.empty()) {
    std::string one = "{";
    append_member(one, "id", user.password_auth);
    append_member(one, "name", user.username);
    append_member(one, "type", "PASSWORD");
    out.append(one).append("}");
  }
  out += ']';
  append_flag(out, "superAdmin", user.super_admin);
  return out += '}';
}

std::string Kestra::detail(const User& user) const {
  std::string out = summary(user);
  out.pop_back();
  append_member(out, "firstName", user.first);
  append_member(out, "lastName", user.last);
  append_member(out, "email", user.mail);
  append_name(out, "groups");
  out += '[';
  for (const Membership& membership : user.memberships) {
    std::string one = "{";
    append_member(one, "id", membership.group->id);
    append_member(one, "tenantId", membership.group->tenant);
    out.append(out.back() == '[' ? "" : ",").append(one).append("}");
  }
  out += ']';
  append_flag(out, "restricted", user.restricted);
  return out += '}';
}

Reply Kestra::list_users(const Call& call, const Captures&) {
  const auto window = window_of(call, false);
  if (!window) return window.error();
  const std::string wanted = call.parameter("q");
  std::size_t total = 0;
  std::string rows;
  const auto show = [&](const User& user) { rows.append(rows.empty() ? "" : ",").append(summary(user)); };
  if (wanted.empty()) {
    total = users_.size();
    for (std::size_t i = window->begin; i < std::min(total, window->end); ++i) show(users_[i]);
  } else {
    for (const User* user : users_.order()) {
      if (!contains_folded(user->username, wanted) &&
          !contains_folded(user->first + ' ' + user->last, wanted))
        continue;
      if (total >= window->begin && total < window->end) show(*user);
      ++total;
    }
  }
  return page(total, rows);
}

/// Everything of a create or full update that is not in `body` is emptied; the password alone stays.
std::optional<Reply> Kestra::write(const Call& call, const json& body, User& user) {
  const auto mail = body.value("email", "");
  const auto password = body.value("password", "");
  if (mail.find('@') == std::string::npos)
    return problem(call, 422, "Invalid entity: email must be a well-formed email address");
  if (!password.empty() &&
      password.size() < static_cast<std::size_t>(options_.switches.number("kestra.password-minimum")))
    return problem(call, 422, "Invalid entity: the password is too weak");
  if (const auto taken = by_mail_.find(lower(mail)); taken != by_mail_.end() && taken->second != &user)
    return problem(call, static_cast<int>(options_.switches.number("kestra.duplicate-status")),
                   "Conflict: a user with this email already exists");
  std::vector<Tenant*> tenants;
  for (const std::string& id : body.value("tenants", std::vector<std::string>())) {
    tenants.push_back(tenant_of(id));
    if (tenants.back() == nullptr) return missing(call, "tenant " + id);
  }
  std::vector<Group*> groups;
  for (const std::string& id : body.value("groups", std::vector<std::string>())) {
    groups.push_back(groups_.find(id));
    if (groups.back() == nullptr) return missing(call, "group " + id);
  }
  const bool super_admin = body.value("superAdmin", false), restricted = body.value("restricted", false);
  user.first = body.value("firstName", "");
  user.last = body.value("lastName", "");
  user.super_admin = super_admin;
  user.restricted = restricted;
  return std::nullopt;
}

Reply Kestra::create_user(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User user;
  user.id = random_.word(22, base62);
  if (auto refusal = write(call, *body, user)) return *refusal;
  user.mail = user.username = (*body)["email"].get<std::string>();
  User& added = add_user(std::move(user));
  if (const auto password = body->value("password", ""); !password.empty()) set_password(added, password);
  place(*body, added);
  return done(201, "user.create", added.id,
              options_.switches.flag("kestra.create-answers-nothing") ? "" : detail(added));
}

/// Exactly the tenants and groups that `body` names; what it does not name is taken away.
void Kestra::place(const json& body, User& user) {
  const auto tenants = body.value("tenants", std::vector<std::string>());
  const auto groups = body.value("groups", std::vector<std::string>());
  for (Tenant& tenant : tenants_) {
    const bool wanted = std::find(tenants.begin(), tenants.end(), tenant.id) != tenants.end();
    if (wanted) grant(user, tenant);
    if (!wanted && has_access(user, tenant.id)) revoke(user, tenant);
  }
  const std::vector<Membership> held = user.memberships;
  for (const Membership& membership : held)
    if (std::find(groups.begin(), groups.end(), membership.group->id) == groups.end())
      leave(user, *membership.group);
  for (const std::string& id : groups)
    if (Group* group = groups_.find(id); !is_member(user, *group)) join(user, *group);
}

Reply Kestra::get_user(const Call& call, const Captures& ids) {
  const User* user = users_.find(ids[0]);
  if (user == nullptr) return missing(call, "user");
  Reply reply;
  reply.body = detail(*user);
  return reply;
}

Reply Kestra::replace_user(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User* user = users_.find(ids[0]);
  if (user == nullptr) return missing(call, "user");
  if (auto refusal = write(call, *body, *user)) return *refusal;
  set_mail(*user, (*body)["email"].get<std::string>());
  if (const auto password = body->value("password", ""); !password.empty()) set_password(*user, password);
  place(*body, *user);
  return done(200, "user.replace", user->id, detail(*user));
}

Reply Kestra::patch_user(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User* user = users_.find(ids[0]);
  if (user == nullptr) return missing(call, "user");
  const auto first = body->value("firstName", user->first), last = body->value("lastName", user->last),
             mail = body->value("email", user->mail);
  if (mail.find('@') == std::string::npos)
    return problem(call, 422, "Invalid entity: email must be a well-formed email address");
  if (const auto taken = by_mail_.find(lower(mail)); taken != by_mail_.end() && taken->second != user)
    return problem(call, static_cast<int>(options_.switches.number("kestra.duplicate-status")),
                   "Conflict: a user with this email already exists");
  user->first = first;
  user->last = last;
  set_mail(*user, mail);
  return done(200, "user.update", user->id, detail(*user));
}

Reply Kestra::delete_user(const Call& call, const Captures& ids) {
  User* user = users_.find(ids[0]);
  if (user == nullptr) return missing(call, "user");
  erase(*user);
  return done(204, "user.delete", std::string(ids[0]));
}

Reply Kestra::patch_password(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User* user = users_.find(ids[0]);
  if (user == nullptr) return missing(call, "user");
  const auto password = body->value("password", "");
  if (password.size() < static_cast<std::size_t>(options_.switches.number("kestra.password-minimum")))
    return problem(call, 422, "Invalid entity: the password is too weak");
  set_password(*user, password);
  return done(200, "user.password", user->id, json{{"id", user->id}}.dump());
}

Reply Kestra::patch_flag(const Call& call, std::string_view id, const char* name, bool User::*flag,
                         std::string_view effect) {
  const auto body = body_of(call);
  if (!body) return body.error();
  User* user = users_.find(id);
  if (user == nullptr) return missing(call, "user");
  user->*flag = body->at(name).get<bool>();
  return done(200, effect, user->id);
}

Reply Kestra::patch_superadmin(const Call& call, const Captures& ids) {
  return patch_flag(call, ids[0], "superAdmin", &User::super_admin, "user.superadmin");
}

Reply Kestra::patch_restricted(const Call& call, const Captures& ids) {
  return patch_flag(call, ids[0], "restricted", &User::restricted, "user.restricted");
}

Reply Kestra::delete_auth(const Call& call, const Captures& ids) {
  User* user = users_.find(ids[0]);
  if (user == nullptr || user->password_auth.empty() || user->password_auth != ids[1])
    return missing(call, "user or auth method");
  user->password_auth.clear();
  user->secret = 0;
  return done(200, "user.auth.delete", user->id, detail(*user));
}

Reply Kestra::delete_refresh_token(const Call& call, const Captures& ids) {
  User* user = users_.find(ids[0]);
  if (user == nullptr) return missing(call, "user");
  user->refresh_token = false;
  return done(204, "user.refresh-token.delete", user->id);
}

Reply Kestra::impersonate(const Call& call, const Captures& ids) {
  const User* user = users_.find(ids[0]);
  if (user == nullptr) return missing(call, "user");
  return done(200, "user.impersonate", user->id, json{{"id", user->id}, {"username", user->username}}.dump());
}

Reply Kestra::put_user_groups(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  if (!body->contains("groupIds")) return problem(call, 400, "Invalid request payload");
  const auto wanted = (*body)["groupIds"].get<std::vector<std::string>>();
  User* user = users_.find(ids[1]);
  if (user == nullptr || !has_access(*user, ids[0])) return missing(call, "user");
  for (const std::string& id : wanted)
    if (group_in(ids[0], id) == nullptr) return missing(call, "group " + id);
  const std::vector<Membership> held = user->memberships;
  for (const std::string& id : wanted)
    if (Group* group = groups_.find(id); !is_member(*user, *group)) join(*user, *group);
  for (const Membership& membership : held)
    if (membership.group->tenant == ids[0] &&
        std::find(wanted.begin(), wanted.end(), membership.group->id) == wanted.end())
      leave(*user, *membership.group);
  return done(204, "user.groups", user->id);
}

}  // namespace usher::sandbox
