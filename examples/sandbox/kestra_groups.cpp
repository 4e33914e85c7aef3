#include <nlohmann/json.hpp>

#include "examples/sandbox/kestra.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

std::string row_of(std::string_view id, std::string_view name) {
  std::string out = "{";
  append_member(out, "id", id);
  append_member(out, "name", name);
  return out += '}';
}

std::string detail_of(std::string_view id, std::string_view name, std::string_view description) {
  std::string out = row_of(id, name);
  out.pop_back();
  append_member(out, "description", description);
  return out += '}';
}

}  // namespace

Kestra::Group* Kestra::group_in(std::string_view tenant, std::string_view id) const {
  Group* group = groups_.find(id);
  return group != nullptr && group->tenant == tenant ? group : nullptr;
}

Reply Kestra::search_groups(const Call& call, const Captures& ids) {
  const auto window = window_of(call, true);
  if (!window) return window.error();
  std::vector<const Group*> found;
  for (const Group* group : groups_.order())
    if (group->tenant == ids[0] && contains_folded(group->name, call.parameter("q"))) found.push_back(group);
  if (call.parameter("sort").starts_with("name:")) {
    const bool descending = call.parameter("sort").ends_with(":desc");
    std::stable_sort(found.begin(), found.end(), [descending](const Group* left, const Group* right) {
      return descending ? right->name < left->name : left->name < right->name;
    });
  }
  std::string rows;
  for (std::size_t i = window->begin; i < std::min(found.size(), window->end); ++i)
    rows.append(rows.empty() ? "" : ",").append(row_of(found[i]->id, found[i]->name));
  return page(found.size(), rows);
}

Reply Kestra::groups_by_id(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  Reply reply;
  reply.body = "[";
  for (const auto& id : body->value("ids", std::vector<std::string>()))
    if (const Group* group = group_in(ids[0], id))
      reply.body.append(reply.body.size() > 1 ? "," : "").append(row_of(group->id, group->name));
  reply.body += ']';
  return reply;
}

Reply Kestra::autocomplete_groups(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto wanted = body->value("ids", std::vector<std::string>());
  const auto text = body->value("q", "");
  Reply reply;
  reply.body = "[";
  for (const Group* group : groups_.order()) {
    if (group->tenant != ids[0]) continue;
    const bool named = std::find(wanted.begin(), wanted.end(), group->id) != wanted.end();
    if (named || (!body->value("existingOnly", false) && lower(group->name).starts_with(lower(text))))
      reply.body.append(reply.body.size() > 1 ? "," : "").append(row_of(group->id, group->name));
  }
  reply.body += ']';
  return reply;
}

Reply Kestra::create_group(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto name = body->value("name", "");
  const auto members = body->value("membersId", std::vector<std::string>());
  if (name.empty()) return problem(call, 422, "Invalid entity: name must not be blank");
  for (const Group* other : groups_.order())
    if (other->tenant == ids[0] && other->name == name)
      return problem(call, 409, "Conflict: a group with the given name already exists");
  for (const std::string& id : members)
    if (users_.find(id) == nullptr) return missing(call, "user " + id);
  Group& group = add_group(std::string(ids[0]), name);
  group.description = body->value("description", "");
  for (const std::string& id : members)
    if (User& user = *users_.find(id); !is_member(user, group)) join(user, group);
  return done(200, "group.create", group.id, detail_of(group.id, group.name, group.description));
}

Reply Kestra::get_group(const Call& call, const Captures& ids) {
  const Group* group = group_in(ids[0], ids[1]);
  if (group == nullptr) return missing(call, "group");
  Reply reply;
  reply.body = detail_of(group->id, group->name, group->description);
  return reply;
}

Reply Kestra::put_group(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  Group* group = group_in(ids[0], ids[1]);
  if (group == nullptr) return missing(call, "group");
  const auto name = body->value("name", "");
  if (name.empty()) return problem(call, 422, "Invalid entity: name must not be blank");
  for (const Group* other : groups_.order())
    if (other != group && other->tenant == ids[0] && other->name == name)
      return problem(call, 409, "Conflict: a group with the given name already exists");
  group->name = name;
  group->description = body->value("description", "");
  return done(200, "group.update", group->id, detail_of(group->id, group->name, group->description));
}

Reply Kestra::delete_group(const Call& call, const Captures& ids) {
  Group* group = group_in(ids[0], ids[1]);
  if (group == nullptr) return missing(call, "group");
  while (group->members.size() > 0) leave(group->members[0], *group);
  drop_bindings(group->id);
  groups_.erase(*group);
  return done(200, "group.delete", std::string(ids[1]));
}

std::string Kestra::member(const User& user, std::string_view tenant) const {
  const json whole = json::parse(summary(user));
  json groups = json::array();
  for (const Membership& membership : user.memberships)
    if (membership.group->tenant == tenant)
      groups.push_back({{"id", membership.group->id},
                        {"name", membership.group->name},
                        {"external", membership.external},
                        {"membership", membership.owner ? "OWNER" : "MEMBER"}});
  return json{
      {"id", user.id}, {"username", user.username}, {"displayName", whole["displayName"]}, {"groups", groups}}
      .dump();
}

Reply Kestra::list_members(const Call& call, const Captures& ids) {
  const auto window = window_of(call, false);
  if (!window) return window.error();
  Group* group = group_in(ids[0], ids[1]);
  if (group == nullptr) return missing(call, "group");
  const Order<User>& members = group->stale_reads > 0 ? group->stale_members : group->members;
  const std::string wanted = call.parameter("q");
  std::size_t total = 0;
  std::string rows;
  const auto show = [&](const User& user) {
    rows.append(rows.empty() ? "" : ",").append(member(user, ids[0]));
  };
  if (wanted.empty()) {
    total = members.size();
    for (std::size_t i = window->begin; i < std::min(total, window->end); ++i) show(members[i]);
  } else {
    for (const User* user : members) {
      if (!contains_folded(user->username, wanted)) continue;
      if (total >= window->begin && total < window->end) show(*user);
      ++total;
    }
  }
  if (group->stale_reads > 0) --group->stale_reads;
  return page(total, rows);
}

Reply Kestra::add_member(const Call& call, const Captures& ids) {
  Group* group = group_in(ids[0], ids[1]);
  User* user = users_.find(ids[2]);
  if (group == nullptr || user == nullptr) return missing(call, "group or user");
  if (options_.switches.number("kestra.version") >= 2 && !has_access(*user, ids[0]))
    return missing(call, "user");
  if (is_member(*user, *group)) return problem(call, 409, "Conflict: user is already a member of the group");
  join(*user, *group);
  return done(200, "member.add", group->id + '/' + user->id, member(*user, ids[0]));
}

Reply Kestra::remove_member(const Call& call, const Captures& ids) {
  Group* group = group_in(ids[0], ids[1]);
  User* user = users_.find(ids[2]);
  if (group == nullptr || user == nullptr) return missing(call, "group or user");
  if (!is_member(*user, *group)) return problem(call, 409, "Conflict: user is not a member of the group");
  leave(*user, *group);
  return done(200, "member.remove", group->id + '/' + user->id, member(*user, ids[0]));
}

Reply Kestra::put_membership(const Call& call, const Captures& ids) {
  Group* group = group_in(ids[0], ids[1]);
  User* user = users_.find(ids[2]);
  if (group == nullptr || user == nullptr) return missing(call, "user or group");
  const std::string wanted = call.parameter("membership");
  if (wanted != "OWNER" && wanted != "MEMBER")
    return problem(call, 422, "Invalid query: membership must be OWNER or MEMBER");
  for (Membership& membership : user->memberships)
    if (membership.group == group) {
      membership.owner = wanted == "OWNER";
      return done(200, "member.update", group->id + '/' + user->id, member(*user, ids[0]));
    }
  return problem(call, 409, "Conflict: user is not a member of the group");
}

}  // namespace usher::sandbox
