#include <nlohmann/json.hpp>

#include "examples/sandbox/mainflux.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;

constexpr int deepest_level = 5;

/// The envelope of groups: the server never fills in limit and offset.
Reply groups_page(std::string_view items, std::size_t total, const std::string& rows) {
  Reply reply;
  reply.items = items;
  reply.body = "{\"limit\":0,\"offset\":0";
  if (total > 0) reply.body += ",\"total\":" + std::to_string(total);
  reply.body.append(",\"").append(items).append("\":[").append(rows).append("]}\n");
  return reply;
}

}  // namespace

std::string Mainflux::render(const Group& group, int level, std::string_view path) {
  constexpr Escapes html = Escapes::html;
  std::string out = "{";
  append_member(out, "id", group.id);
  append_member(out, "owner_id", group.owner, html);
  if (!group.parent.empty()) append_member(out, "parent_id", group.parent);
  append_member(out, "name", group.name, html);
  if (!group.description.empty()) append_member(out, "description", group.description, html);
  if (!group.metadata.empty()) append_name(out, "metadata"), out += group.metadata;
  if (level > 0) append_name(out, "level"), out += std::to_string(level);
  if (!path.empty()) append_member(out, "path", path);
  append_member(out, "created_at", rfc3339(group.created));
  append_member(out, "updated_at", rfc3339(group.updated));
  if (!group.updated_by.empty()) append_member(out, "updated_by", group.updated_by);
  append_member(out, "status", group.enabled ? "enabled" : "disabled");
  return out += '}';
}

Reply Mainflux::create_group(const Call& call, const Captures&) {
  const auto body = body_of(call);
  if (!body) return body.error();
  Group group;
  group.name = body->value("name", "");
  group.description = body->value("description", "");
  group.parent = body->value("parent_id", "");
  const auto status = body->value("status", "enabled");
  const json::object_t metadata = body->value("metadata", json::object()).get<json::object_t>();
  const auto asking = caller(call);
  if (!asking) return asking.error();
  if (group.name.empty() || group.name.size() > 254) return error(400, "invalid name size", bad_request);
  if (status != "enabled" && status != "disabled")
    return error(400, "invalid status", "malformed entity specification");
  group.owner = body->value("owner_id", (*asking)->id);
  int level = 0;
  for (const Group* above = groups_.find(group.parent); above != nullptr; above = groups_.find(above->parent))
    ++level;
  if (level >= deepest_level) return error(400, "max level reached", "malformed entity specification");
  if (!group.parent.empty() && level == 0)
    return error(500, "parent does not exist", "failed to create entity in the db");
  for (const Group* other : groups_.order())
    if (other->owner == group.owner && other->name == group.name)
      return error(409, "entity already exists", "failed to create entity in the db");
  group.id = random_.uuid();
  group.enabled = status == "enabled";
  if (!metadata.empty()) group.metadata = json(metadata).dump();
  group.created = clock_.stamp();
  const Group& added = groups_.add(std::move(group));
  Reply reply;
  reply.status = 201;
  reply.body = render(added, 0, "");
  reply.headers.emplace_back("Location", "/groups/" + added.id);
  reply.effect = "group.create";
  reply.subject = added.id;
  return reply;
}

std::vector<const Mainflux::Group*> Mainflux::groups_in_order() {
  std::vector<const Group*> rows(edited_groups_.begin(), edited_groups_.end());
  const auto fresh = static_cast<std::ptrdiff_t>(rows.size());
  for (const Group* group : groups_.order())
    if (group->updated == 0) rows.push_back(group);
  if (options_.switches.flag("mainflux.unstable-order") && rows.size() > edited_groups_.size())
    std::rotate(
        rows.begin() + fresh,
        rows.begin() + fresh + static_cast<std::ptrdiff_t>(listed_++ % (rows.size() - edited_groups_.size())),
        rows.end());
  return rows;
}

Reply Mainflux::list_groups(const Call& call, const Captures&) {
  const auto page = page_of(call);
  if (!page) return page.error();
  if (call.has("metadata"))
    return error(500, "failed to retrieve groups", "view entity failed");  // broken SQL
  const auto asking = caller(call);
  if (!asking) return asking.error();
  const auto name = call.parameter("name"), owner = call.parameter("owner_id"),
             parent = call.parameter("parent_id");
  const std::string deepest = call.parameter("level", std::to_string(deepest_level));
  if (deepest.size() != 1 || deepest[0] < '0' || deepest[0] > '0' + deepest_level)
    return error(500, "invalid level", bad_request);

  std::size_t total = 0;
  std::string rows;
  for (const Group* group : groups_in_order()) {
    if (page->status != "all" && group->enabled != (page->status == "enabled")) continue;
    if ((!name.empty() && group->name != name) || (!owner.empty() && group->owner != owner)) continue;
    if (!(*asking)->admin && group->owner != (*asking)->id && policy_of((*asking)->id, group->id) == nullptr)
      continue;
    int level = 0;
    std::string path;
    if (!parent.empty()) {
      path = group->id;
      const Group* at = group;
      for (; at != nullptr && at->id != parent; at = groups_.find(at->parent), ++level)
        path = at->parent + '.' + path;
      if (at == nullptr || level > deepest[0] - '0') continue;
    }
    if (total++ < page->offset || total > page->offset + page->limit) continue;
    rows.append(rows.empty() ? "" : ",").append(render(*group, level, path));
  }
  return groups_page("groups", total, rows);
}

Reply Mainflux::get_group(const Call& call, const Captures& ids) {
  const auto asking = caller(call);
  if (!asking) return asking.error();
  const Group* group = groups_.find(ids[0]);
  if (group == nullptr) return error(404, "entity not found", "view entity failed");
  Reply reply;
  reply.body = render(*group, 0, "");
  return reply;
}

Reply Mainflux::update_group(const Call& call, const Captures& ids) {
  const auto body = body_of(call);
  if (!body) return body.error();
  const auto name = body->value("name", ""), description = body->value("description", "");
  const json::object_t metadata = body->value("metadata", json::object()).get<json::object_t>();
  const auto asking = administrator_or(call, "");
  if (!asking) return asking.error();
  Group* group = groups_.find(ids[0]);
  if (group == nullptr || !group->enabled) return error(404, "entity not found", "update entity failed");
  for (const Group* other : groups_.order())
    if (other != group && !name.empty() && other->owner == group->owner && other->name == name)
      return error(409, "entity already exists", "update entity failed");
  if (!name.empty()) group->name = name;
  if (!description.empty()) group->description = description;
  if (body->contains("metadata")) group->metadata = metadata.empty() ? "" : json(metadata).dump();
  group->updated = clock_.stamp();
  group->updated_by = (*asking)->id;
  std::erase(edited_groups_, group);
  edited_groups_.push_back(group);
  Reply reply;
  reply.body = render(*group, 0, "");
  reply.effect = "group.update";
  reply.subject = group->id;
  return reply;
}

Reply Mainflux::enable_group(const Call& call, const Captures& ids) {
  return switch_group(call, ids[0], true);
}

Reply Mainflux::disable_group(const Call& call, const Captures& ids) {
  return switch_group(call, ids[0], false);
}

Reply Mainflux::switch_group(const Call& call, std::string_view id, bool enabled) {
  const std::string_view outer = enabled ? "failed to enable group" : "failed to disable group";
  const auto asking = administrator_or(call, "");
  if (!asking) return asking.error();
  Group* group = groups_.find(id);
  if (group == nullptr) return error(404, "entity not found", outer);
  if (group->enabled == enabled) return error(500, "status already assigned", outer);
  group->enabled = enabled;
  Reply reply;
  reply.body = render(*group, 0, "");
  reply.effect = enabled ? "group.enable" : "group.disable";
  reply.subject = group->id;
  return reply;
}

Reply Mainflux::list_members(const Call& call, const Captures& ids) {
  const auto page = page_of(call);
  if (!page) return page.error();
  const auto asking = caller(call);
  if (!asking) return asking.error();
  const Group* group = groups_.find(ids[0]);
  const auto name = call.parameter("name"), identity = call.parameter("identity"),
             tag = call.parameter("tag");
  std::size_t total = 0;
  std::string rows;
  if (group != nullptr) {
    const bool everybody = page->status == "all" && name.empty() && identity.empty() && tag.empty();
    const Order<User>& members = group->members;
    if (everybody) total = members.size();
    for (std::size_t i = everybody ? page->offset : 0; i < members.size(); ++i) {
      const User& user = members[i];
      if (everybody) {
        if (i >= page->offset + page->limit) break;
      } else {
        if (page->status != "all" && user.enabled != (page->status == "enabled")) continue;
        if ((!name.empty() && user.name != name) || (!identity.empty() && user.identity != identity))
          continue;
        if (!tag.empty() && std::find(user.tags.begin(), user.tags.end(), tag) == user.tags.end()) continue;
        if (total++ < page->offset || total > page->offset + page->limit) continue;
      }
      rows.append(rows.empty() ? "" : ",").append(render(user, true, ""));
    }
  }
  Reply reply;
  reply.items = "members";
  reply.body = "{\"limit\":" + std::to_string(page->limit);
  if (page->offset > 0) reply.body += ",\"offset\":" + std::to_string(page->offset);
  if (total > 0) reply.body += ",\"total\":" + std::to_string(total);
  reply.body.append(",\"members\":[").append(rows).append("]}\n");
  return reply;
}

Reply Mainflux::list_memberships(const Call& call, const Captures& ids) {
  const auto page = page_of(call);
  if (!page) return page.error();
  const auto asking = caller(call);
  if (!asking) return asking.error();
  const User* user = users_.find(ids[0]);
  const auto name = call.parameter("name");
  std::size_t total = 0;
  std::string rows;
  if (user != nullptr)
    for (const auto& policy : user->policies) {
      const Group& group = *policy->object;
      if (page->status != "all" && group.enabled != (page->status == "enabled")) continue;
      if (!name.empty() && group.name != name) continue;
      if (total++ < page->offset || total > page->offset + page->limit) continue;
      rows.append(rows.empty() ? "" : ",").append(render(group, 0, ""));
    }
  return groups_page("memberships", total, rows);
}

}  // namespace usher::sandbox
