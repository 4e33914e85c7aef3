#include <nlohmann/json.hpp>

#include "examples/sandbox/gr4vy.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

/// All rows on one page: there are few roles, and assignments are asked for by user or role.
Reply whole_page(std::string rows, std::size_t limit) {
  Reply reply;
  reply.items = "items";
  reply.body = "{\"items\":[" + std::move(rows) + "],\"limit\":" + std::to_string(limit) +
               ",\"next_cursor\":null,\"previous_cursor\":null}";
  return reply;
}

}  // namespace

const Gr4vy::Role* Gr4vy::role_of(std::string_view id) const {
  for (const Role& role : roles_)
    if (role.id == id) return &role;
  return nullptr;
}

std::string Gr4vy::role_json(const Role& role) const {
  std::string out = "{";
  append_member(out, "type", "role");
  append_member(out, "id", role.id);
  append_member(out, "name", role.name);
  append_member(out, "description", "May act as " + role.slug);
  out += ",\"permissions\":[]";
  return out += '}';
}

std::string Gr4vy::assignment_json(const User& user, const Role& role) const {
  const std::string id = user.id.substr(0, 18) + role.id.substr(18);  // made of both, so that nothing is kept
  return "{\"type\":\"role-assignment\",\"id\":\"" + id + "\",\"role\":" + role_json(role) +
         ",\"assignee\":{\"type\":\"user\",\"id\":\"" + user.id + "\"}}";
}

Reply Gr4vy::list_roles(const Call& call, const Captures&) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  std::string rows;
  for (const Role& role : roles_) rows.append(rows.empty() ? "" : ",").append(role_json(role));
  return whole_page(std::move(rows), *limit);
}

Reply Gr4vy::list_assignments(const Call& call, const Captures&) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const std::string wanted_role = call.parameter("role_id"), wanted_user = call.parameter("assignee_id");
  std::string rows;
  const auto show = [&](const User& user) {
    for (const std::string& id : user.roles)
      if (wanted_role.empty() || id == wanted_role)
        rows.append(rows.empty() ? "" : ",").append(assignment_json(user, *role_of(id)));
  };
  if (wanted_user.empty())
    for (const User* user : users_.order()) show(*user);
  else if (const User* user = users_.find(wanted_user))
    show(*user);
  return whole_page(std::move(rows), *limit);
}

Reply Gr4vy::create_assignment(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const Role* role = role_of(body->at("role").at("id").get<std::string>());
  User* user = users_.find(body->at("assignee").at("id").get<std::string>());
  if (role == nullptr || user == nullptr) return not_found();
  if (std::find(user->roles.begin(), user->roles.end(), role->id) != user->roles.end())
    return error(409, "duplicate_record", "The role is assigned already");
  user->roles.push_back(role->id);
  Reply reply;
  reply.body = assignment_json(*user, *role);
  reply.effect = "role.assign";
  reply.subject = user->id + '/' + role->id;
  return reply;
}

Reply Gr4vy::delete_assignment(const Call&, const Captures& ids) {
  for (User* user : users_.order())
    for (const std::string& id : user->roles)
      if (ids[0] == user->id.substr(0, 18) + id.substr(18)) {
        Reply reply = empty_reply(204);
        reply.effect = "role.remove";
        reply.subject = user->id + '/' + id;
        std::erase(user->roles, std::string(id));
        return reply;
      }
  return not_found();
}

}  // namespace usher::sandbox
