#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "examples/sandbox/unkind.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

bool has(const std::vector<std::string>& ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

/// Who is in a group as it is shown: also who is in it by a group below, or by the platform's own will.
std::vector<std::string> Unkind::members_of(const std::string& name) const {
  std::vector<std::string> all;
  const auto take = [&](const std::string& from) {
    for (const auto& [group, ids] : groups_)
      if (group == from && all.empty())
        all = ids;
      else if (group == from)
        std::copy_if(ids.begin(), ids.end(), std::back_inserter(all),
                     [direct = all](const std::string& id) { return !has(direct, id); });
  };
  if (is("given", name)) {
    for (const Person* one : people_.order()) all.push_back(one->id);
    return all;
  }
  take(name);
  if (const std::string nested = text("nested"); nested.starts_with(name + ':'))
    take(nested.substr(name.size() + 1));
  return all;
}

Reply Unkind::list_groups(const Call&, const Captures&) {
  json rows = json::array();
  for (const auto& [name, ids] : groups_) rows.push_back({{"id", name}, {"name", name}});
  if (!text("given").empty()) rows.push_back({{"id", text("given")}, {"name", text("given")}});
  Reply reply = json_reply(200, {{"groups", std::move(rows)}});
  reply.items = "groups";
  return reply;
}

Reply Unkind::list_members(const Call&, const Captures& ids) {
  json rows = json::array();
  for (const std::string& id : members_of(std::string(ids[0]))) rows.push_back({{"id", id}});
  Reply reply = json_reply(200, {{"members", std::move(rows)}});
  reply.items = "members";
  return reply;
}

Reply Unkind::list_groups_of(const Call&, const Captures& ids) {
  if (people_.find(ids[0]) == nullptr) return message(404, "nobody here");
  json rows = json::array();
  for (const auto& [name, members] : groups_)
    if (has(members_of(name), ids[0])) rows.push_back({{"id", name}});
  if (!text("given").empty()) rows.push_back({{"id", text("given")}});
  const std::size_t total = rows.size();
  if (flag("partial") && !rows.empty()) rows.erase(rows.size() - 1);
  Reply reply = json_reply(200, {{"groups", std::move(rows)}, {"total", total}});
  reply.items = "groups";
  return reply;
}

Reply Unkind::set_groups_of(const Call& call, const Captures& ids) {
  const Person* person = people_.find(ids[0]);
  if (person == nullptr) return message(404, "nobody here");
  const auto wanted = json::parse(call.body).at("groups").get<std::vector<std::string>>();
  bool changes = false;
  for (auto& [name, members] : groups_) {
    if (has(members, person->id) == has(wanted, name)) continue;
    if (names("forbidden", name)) return message(403, "somebody must own it");
    changes = true;
    if (is("edges", "ignored")) continue;
    if (has(wanted, name))
      members.push_back(person->id);
    else
      std::erase(members, person->id);
  }
  return changes ? done(empty_reply(204), "person.groups", person->id) : empty_reply(204);
}

Reply Unkind::join(const Call&, const Captures& ids) {
  if (people_.find(ids[1]) == nullptr) return message(404, "nobody here");
  return write_group(ids[0], {std::string(ids[1])}, true);
}

Reply Unkind::leave(const Call&, const Captures& ids) {
  return write_group(ids[0], {std::string(ids[1])}, false);
}

Reply Unkind::change_many(const Call& call, const Captures& ids) {
  if (ids[1] != "add" && ids[1] != "remove") return message(404, "nothing here");
  return write_group(ids[0], json::parse(call.body).at("ids").get<std::vector<std::string>>(),
                     ids[1] == "add");
}

/// Reads the group, changes it and writes it: at once, or `group-wait-ms` later, whoever wrote it meanwhile.
Reply Unkind::write_group(std::string_view name, const std::vector<std::string>& ids, bool joins) {
  const auto found =
      std::find_if(groups_.begin(), groups_.end(), [&](const auto& one) { return one.first == name; });
  if (found == groups_.end() && !is("given", name)) return message(404, "nothing here");
  if (found == groups_.end()) return message(joins ? 200 : 403, "everybody is in it");
  if (!joins && names("forbidden", name)) return message(403, "somebody must own it");
  std::vector<std::string> held = found->second;
  bool changes = false;
  for (const std::string& id : ids) {
    if (!joins && ids.size() == 1 && !has(held, id)) return message(404, "no direct member");
    if (joins == has(held, id)) continue;
    changes = true;
    if (joins)
      held.push_back(id);
    else
      std::erase(held, id);
  }
  if (!changes && number("group-wait-ms") == 0) return empty_reply(204);
  Reply reply = done(empty_reply(204), joins ? "group.join" : "group.leave", std::string(name));
  if (is("edges", "ignored")) return reply;
  if (number("group-wait-ms") == 0) {
    found->second = std::move(held);
  } else {
    reply.delay_ms = number("group-wait-ms");
    reply.late = [this, group = std::string(name), held = std::move(held)] { this->group(group) = held; };
  }
  return reply;
}

}  // namespace usher::sandbox
