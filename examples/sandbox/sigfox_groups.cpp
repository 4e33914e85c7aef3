#include <nlohmann/json.hpp>

#include "examples/sandbox/sigfox.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

bool Sigfox::is_below(const Group& group, std::string_view ancestor) const {
  for (const Group* at = groups_.find(group.parent); at != nullptr; at = groups_.find(at->parent))
    if (at->id == ancestor) return true;
  return false;
}

std::string Sigfox::render(const Group& group) const {
  json path = json::array();
  for (const Group* at = groups_.find(group.parent); at != nullptr; at = groups_.find(at->parent))
    path.insert(path.begin(), json::object({{"id", at->id}}));
  const bool leaf = std::none_of(groups_.order().begin(), groups_.order().end(),
                                 [&group](const Group* one) { return one->parent == group.id; });
  return json{{"id", group.id},
              {"name", group.name},
              {"nameCI", lower(group.name)},
              {"description", "Group " + group.name},
              {"type", group.type},
              {"timezone", "Europe/Paris"},
              {"path", path},
              {"creationTime", group.created},
              {"leaf", leaf}}
      .dump();
}

Reply Sigfox::list_groups(const Call& call, const Captures&) {
  const auto window = window_of(call);
  if (!window) return window.error();
  std::string parent = call.parameter("parentIds");
  if (parent.empty()) parent = caller(call)->group->id;
  const std::string name = call.parameter("name"), sort = call.parameter("sort");
  const bool deep = call.parameter("deep") == "true";
  std::vector<const Group*> found;
  for (const Group* group : groups_.order()) {
    const bool child =
        (',' + parent + ',').find(',' + group->parent + ',') != std::string::npos && !group->parent.empty();
    if (!child && !(deep && is_below(*group, parent))) continue;
    if (contains_folded(group->name, name)) found.push_back(group);
  }
  if (sort == "name" || sort == "-name" || sort == "id" || sort == "-id")
    std::stable_sort(found.begin(), found.end(), [&sort](const Group* left, const Group* right) {
      const Group *low = sort[0] == '-' ? right : left, *high = sort[0] == '-' ? left : right;
      return sort.ends_with("name") ? low->name < high->name : low->id < high->id;
    });
  else if (!sort.empty())
    return bad("query", "sort", "must be id, -id, name or -name");
  std::string rows;
  for (std::size_t i = window->offset; i < std::min(found.size(), window->offset + window->limit); ++i)
    rows.append(rows.empty() ? "" : ",").append(render(*found[i]));
  return page(call, *window, found.size(), rows, true);
}

Reply Sigfox::get_group(const Call&, const Captures& ids) {
  const Group* group = groups_.find(ids[0]);
  if (group == nullptr) return message(404, "Group not found");
  Reply reply;
  reply.body = render(*group);
  return reply;
}

std::string Sigfox::render(const Profile& profile, const std::string& fields) const {
  json group{{"id", profile.group->id}}, role{{"id", profile.role}};
  if (fields.starts_with("group("))
    group.update(
        {{"name", profile.group->name}, {"type", profile.group->type}, {"level", profile.group->level}});
  if (fields.starts_with("roles(")) role["name"] = profile.name;
  return json{{"id", profile.id}, {"name", profile.name}, {"group", group}, {"roles", json::array({role})}}
      .dump();
}

Reply Sigfox::list_profiles(const Call& call, const Captures&) {
  const auto window = window_of(call);
  if (!window) return window.error();
  const Group* group = groups_.find(call.parameter("groupId"));
  if (!call.has("groupId")) return bad("query", "groupId", "is required");
  if (group == nullptr) return message(403, "Forbidden");
  std::size_t total = 0;
  std::string rows;
  for (const Profile* profile : profiles_.order()) {
    const bool inherited = call.parameter("inherit") == "true" && is_below(*group, profile->group->id);
    if (profile->group != group && !inherited) continue;
    if (total >= window->offset && total < window->offset + window->limit)
      rows.append(rows.empty() ? "" : ",").append(render(*profile, call.parameter("fields")));
    ++total;
  }
  return page(call, *window, total, rows, false);
}

Reply Sigfox::get_profile(const Call& call, const Captures& ids) {
  const Profile* profile = profiles_.find(ids[0]);
  if (profile == nullptr) return message(404, "Profile not found");
  Reply reply;
  reply.body = render(*profile, call.parameter("fields"));
  return reply;
}

}  // namespace usher::sandbox
