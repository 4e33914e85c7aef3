#include <nlohmann/json.hpp>

#include "examples/sandbox/kestra.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

Kestra::Tenant* Kestra::tenant_of(std::string_view id) {
  for (Tenant& tenant : tenants_)
    if (tenant.id == id) return &tenant;
  return nullptr;
}

Reply Kestra::search_tenants(const Call& call, const Captures&) {
  const auto window = window_of(call, true);
  if (!window) return window.error();
  const json isolation{{"deniedServices", json::array()}, {"enabled", false}};
  std::string rows;
  std::size_t total = 0;
  for (const Tenant& tenant : tenants_) {
    if (!contains_folded(tenant.id + ' ' + tenant.name, call.parameter("q"))) continue;
    if (total >= window->begin && total < window->end)
      rows.append(rows.empty() ? "" : ",")
          .append(json{
              {"id", tenant.id},
              {"name", tenant.name},
              {"deleted", false},
              {"storageIsolation", isolation},
              {"secretIsolation", isolation},
              {"workerGroup", json::object()},
              {"storageType", ""},
              {"storageConfiguration", json::object()},
              {"secretType", ""},
              {"secretReadOnly", false},
              {"secretConfiguration", json::object()},
              {"requireExistingNamespace", false},
              {"outputsInInternalStorage",
               false}}.dump());
    ++total;
  }
  return page(total, rows);
}

std::string Kestra::access_row(const User& user, std::string_view tenant) const {
  const json whole = json::parse(summary(user));
  json groups = json::array(), auths = json::array();
  for (const Membership& membership : user.memberships)
    if (membership.group->tenant == tenant)
      groups.push_back({{"id", membership.group->id},
                        {"name", membership.group->name},
                        {"external", membership.external}});
  if (!user.password_auth.empty()) auths.push_back({{"name", user.username}, {"type", "PASSWORD"}});
  return json{{"id", user.id},
              {"username", user.username},
              {"displayName", whole["displayName"]},
              {"description", user.description},
              {"groups", groups},
              {"auths", auths}}
      .dump();
}

Reply Kestra::list_access(const Call& call, const Captures& ids) {
  const auto window = window_of(call, false);
  if (!window) return window.error();
  const std::string wanted = call.parameter("q"), type = call.parameter("type");
  if (!type.empty() && type != "STANDARD" && type != "SERVICE_ACCOUNT")
    return problem(call, 422, "Invalid query: type must be STANDARD or SERVICE_ACCOUNT");
  std::size_t total = 0;
  std::string rows;
  const auto show = [&](const User& user) {
    if (!wanted.empty() && !contains_folded(user.username + ' ' + user.first + ' ' + user.last, wanted))
      return;
    if (total >= window->begin && total < window->end)
      rows.append(rows.empty() ? "" : ",").append(access_row(user, ids[0]));
    ++total;
  };
  if (type != "SERVICE_ACCOUNT")
    for (const User* user : tenant_of(ids[0])->access) show(*user);
  if (type != "STANDARD")
    for (const User* user : accounts_.order())
      if (has_access(*user, ids[0])) show(*user);
  return page(total, rows);
}

Reply Kestra::create_access(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto found = by_mail_.find(lower(body->value("email", "")));
  if (found == by_mail_.end()) return missing(call, "user");
  if (has_access(*found->second, ids[0]))
    return problem(call, 409, "Conflict: user already has access to the tenant");
  grant(*found->second, *tenant_of(ids[0]));
  return done(204, "access.create", std::string(ids[0]) + '/' + found->second->id);
}

Reply Kestra::autocomplete_users(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto wanted = body->value("ids", std::vector<std::string>());
  const auto text = body->value("q", ""), username = body->value("username", "");
  const auto most = static_cast<std::size_t>(options_.switches.number("kestra.autocomplete-cap"));
  Reply reply;
  reply.body = "[";
  std::size_t shown = 0;
  const auto show = [&](const User& user) {
    if (shown++ < most) reply.body.append(reply.body.size() > 1 ? "," : "").append(access_row(user, ids[0]));
  };
  for (const std::string& id : wanted)
    if (const User* user = users_.find(id); user != nullptr && has_access(*user, ids[0])) show(*user);
  if (wanted.empty() && !body->value("existingOnly", false))
    for (const User* user : tenant_of(ids[0])->access) {
      if (shown >= most) break;
      if (!username.empty() ? lower(user->username) == lower(username)
                            : contains_folded(user->username + ' ' + user->first + ' ' + user->last, text))
        show(*user);
    }
  reply.body += ']';
  return reply;
}

Reply Kestra::get_access(const Call& call, const Captures& ids) {
  const User* user = users_.find(ids[1]);
  if (user == nullptr || !has_access(*user, ids[0])) return missing(call, "user, or tenant access");
  const json row = json::parse(access_row(*user, ids[0]));
  json roles = json::array();
  for (const Binding* binding : bindings_.order()) {
    if (binding->tenant != ids[0]) continue;
    const bool direct = binding->type == "USER" && binding->subject == user->id;
    const Group* group = binding->type == "GROUP" ? groups_.find(binding->subject) : nullptr;
    if (!direct && (group == nullptr || !is_member(*user, *group))) continue;
    const auto role =
        std::find_if(roles_.begin(), roles_.end(), [&](const Role& one) { return one.id == binding->role; });
    roles.push_back({{"id", role->id},
                     {"name", role->name},
                     {"namespace", binding->space},
                     {"origin", direct ? "BINDING" : "GROUP"},
                     {"sourceId", direct ? binding->id : group->id},
                     {"permissions", json::array({{{"permission", "FLOW"}, {"actions", {"READ"}}}})}});
  }
  return json_reply(200, {{"tenantId", ids[0]},
                          {"userId", user->id},
                          {"username", user->username},
                          {"displayName", row["displayName"]},
                          {"groups", row["groups"]},
                          {"roles", roles},
                          {"superAdmin", user->super_admin}});
}

Reply Kestra::put_access(const Call& call, const Captures& ids) {
  User* user = users_.find(ids[1]);
  if (user == nullptr) return missing(call, "user");
  const bool new_to_it = !has_access(*user, ids[0]);
  grant(*user, *tenant_of(ids[0]));
  return done(201, new_to_it ? "access.create" : "", std::string(ids[0]) + '/' + user->id);
}

Reply Kestra::delete_access(const Call& call, const Captures& ids) {
  User* user = users_.find(ids[1]);
  if (user == nullptr || !has_access(*user, ids[0])) return missing(call, "user, or tenant access");
  revoke(*user, *tenant_of(ids[0]));
  return done(204, "access.delete", std::string(ids[0]) + '/' + user->id);
}

Reply Kestra::search_roles(const Call& call, const Captures&) {
  const auto window = window_of(call, true);
  if (!window) return window.error();
  std::string rows;
  std::size_t total = 0;
  for (const Role& role : roles_) {
    if (!contains_folded(role.name, call.parameter("q"))) continue;
    if (total >= window->begin && total < window->end)
      rows.append(rows.empty() ? "" : ",")
          .append(
              json{{"id", role.id}, {"name", role.name}, {"isDefault", role.standard}, {"isManaged", true}}
                  .dump());
    ++total;
  }
  return page(total, rows);
}

std::string Kestra::binding_row(const Binding& binding) const {
  const auto role =
      std::find_if(roles_.begin(), roles_.end(), [&](const Role& one) { return one.id == binding.role; });
  json row{{"id", binding.id}, {"type", binding.type}, {"role", {{"id", role->id}, {"name", role->name}}}};
  if (!binding.space.empty()) row["namespace"] = binding.space;
  if (const Group* group = groups_.find(binding.subject))
    row["group"] = {{"id", group->id}, {"name", group->name}};
  if (const User* user = users_.find(binding.subject))
    row["user"] = {{"id", user->id},
                   {"username", user->username},
                   {"displayName", json::parse(summary(*user))["displayName"]},
                   {"type", "STANDARD"}};
  return row.dump();
}

Reply Kestra::create_binding(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  Binding binding;
  binding.tenant = ids[0];
  binding.type = body->value("type", "");
  binding.subject = body->value("externalId", "");
  binding.role = body->value("roleId", "");
  binding.space = body->value("namespaceId", "");
  if (binding.type != "USER" && binding.type != "GROUP")
    return problem(call, 422, "Invalid entity: type must be USER or GROUP");
  const bool known = binding.type == "USER" ? users_.find(binding.subject) != nullptr
                                            : group_in(ids[0], binding.subject) != nullptr;
  const bool role =
      std::any_of(roles_.begin(), roles_.end(), [&](const Role& one) { return one.id == binding.role; });
  if (!known || !role) return missing(call, "user, group or role");
  binding.id = random_.word(22, base62);
  const Binding& added = bindings_.add(std::move(binding));
  return done(200, "binding.create", added.id, binding_row(added));
}

Reply Kestra::search_bindings(const Call& call, const Captures& ids) {
  const auto window = window_of(call, true);
  if (!window) return window.error();
  const std::string type = call.parameter("type"), subject = call.parameter("id"),
                    space = call.parameter("namespace");
  std::size_t total = 0;
  std::string rows;
  for (const Binding* binding : bindings_.order()) {
    if (binding->tenant != ids[0] || (!type.empty() && binding->type != type)) continue;
    if ((!subject.empty() && binding->subject != subject) || (!space.empty() && binding->space != space))
      continue;
    if (total >= window->begin && total < window->end)
      rows.append(rows.empty() ? "" : ",").append(binding_row(*binding));
    ++total;
  }
  return page(total, rows);
}

Reply Kestra::get_binding(const Call& call, const Captures& ids) {
  const Binding* binding = bindings_.find(ids[1]);
  if (binding == nullptr || binding->tenant != ids[0]) return missing(call, "binding");
  Reply reply;
  reply.body = binding_row(*binding);
  return reply;
}

Reply Kestra::delete_binding(const Call& call, const Captures& ids) {
  const Binding* binding = bindings_.find(ids[1]);
  if (binding == nullptr || binding->tenant != ids[0]) return missing(call, "binding");
  bindings_.erase(*binding);
  return done(204, "binding.delete", std::string(ids[1]));
}

}  // namespace usher::sandbox
