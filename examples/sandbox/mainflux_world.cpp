#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/mainflux.hpp"
#include "examples/sandbox/people.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;

constexpr std::int64_t founded =
    1'672'531'200'000'000;  // 2023-01-01, when the first of the invented accounts was made
constexpr std::int64_t minute = 60'000'000;
// In the list of actions: what a member and what a lead of a group may do, lists included.
const std::string member_actions{7, 8, 3};
const std::string lead_actions{2, 3, 5, 6, 7, 8};

}  // namespace

Mainflux::Mainflux(const Options& options, const json* world)
    : Platform(options, "mainflux"), tokens_(options.seed, "HS512", 64, "clients.auth") {
  if (world != nullptr)
    load(*world);
  else
    populate(options.users);
}

void Mainflux::add_administrator() {
  User admin;
  admin.id = random_.uuid();
  admin.name = "admin";
  admin.identity = options_.admin_identity;
  admin.secret = digest_of(admin.id, options_.admin_secret);
  admin.metadata = "{\"role\":\"admin\"}";
  admin.created = founded;
  admin.admin = true;
  add_user(std::move(admin), true);
}

void Mainflux::add_departments() {
  for (const std::string& name : departments()) {
    Group group;
    group.id = random_.uuid();
    group.owner = by_identity_[options_.admin_identity]->id;
    group.name = name;
    group.description = "Everybody in " + name;
    group.created = founded + static_cast<std::int64_t>(groups_.size() + 1) * minute;
    groups_.add(std::move(group));
  }
}

Mainflux::Group* Mainflux::group_named(std::string_view name) const {
  for (Group* group : groups_.order())
    if (group->name == name) return group;
  return nullptr;
}

void Mainflux::populate(std::size_t count) {
  users_.reserve(count + 1);
  by_identity_.reserve(count + 1);
  add_administrator();
  const std::string owner = users_[0].id;
  add_departments();
  for (std::size_t i = 0; i < count; ++i) {
    const Person who = person(options_.seed, i);
    User user;
    user.id = random_.uuid();
    user.name = who.first + ' ' + who.last;
    user.tags = {who.department};
    if (i % 9 == 0) user.tags.emplace_back("contractor");
    if (i % 50 != 0) user.owner = owner;
    user.identity = who.mail;
    user.secret = digest_of(user.id, options_.user_secret);
    if (i % 3 != 0)
      user.metadata = R"({"city":")" + who.city + R"(","employee":")" + std::to_string(1000 + i) + R"("})";
    user.created = founded + static_cast<std::int64_t>(i + 100) * minute / 10;
    user.enabled = who.active;
    User& added = add_user(std::move(user));
    const std::string& actions = i % 40 == 0 ? lead_actions : member_actions;
    add_policy(added, *group_named(who.department), actions, owner, added.created);
    if (!who.second_department.empty())
      add_policy(added, *group_named(who.second_department), member_actions, owner, added.created);
  }
}

Mainflux::User& Mainflux::add_user(User user, bool first) {
  User& added = users_.add(std::move(user), first);
  (added.enabled ? enabled_ : disabled_).insert(added);
  by_identity_[added.identity] = &added;
  saved(added);
  return added;
}

void Mainflux::saved(User& user) {
  user.json = render(user, false, "");
}

void Mainflux::set_enabled(User& user, bool enabled) {
  (user.enabled ? enabled_ : disabled_).erase(user);
  user.enabled = enabled;
  (user.enabled ? enabled_ : disabled_).insert(user);
  saved(user);
}

void Mainflux::erase(User& user) {
  while (!user.policies.empty()) erase_policy(user, *user.policies.front()->object);
  (user.enabled ? enabled_ : disabled_).erase(user);
  by_identity_.erase(user.identity);
  users_.erase(user);
}

Mainflux::User* Mainflux::by_key(const std::string& key) const {
  const auto found = by_identity_.find(key);
  User* user = found == by_identity_.end() ? users_.find(key) : found->second;
  if (user == nullptr) throw std::invalid_argument("no user has the id or identity " + key);
  return user;
}

json Mainflux::world() const {
  json users = json::array(), groups = json::array(), policies = json::array();
  for (const User* user : users_.order()) {
    json row = json::parse(user->json);
    row["role"] = user->admin ? "admin" : "user";
    row["secret_set"] = user->secret != 0;
    users.push_back(std::move(row));
    for (const auto& policy : user->policies) {
      std::string text;
      append_policy(text, *policy);
      policies.push_back(json::parse(text));
    }
  }
  for (const Group* group : groups_.order()) groups.push_back(json::parse(render(*group, 0, "")));
  return {{"platform", "mainflux"}, {"users", users}, {"groups", groups}, {"policies", policies}};
}

void Mainflux::load_user(const json& row) {
  User user;
  const json credentials = row.value("credentials", json::object());
  user.identity = credentials.value("identity", "");
  if (by_identity_.contains(user.identity))
    throw std::invalid_argument("two users of the world to load have the identity " + user.identity);
  user.id = row.contains("id") ? row["id"].get<std::string>() : random_.uuid();
  user.name = row.value("name", "");
  user.tags = row.value("tags", std::vector<std::string>());
  user.owner = row.value("owner", "");
  const bool admin = user.identity == options_.admin_identity;
  user.secret =
      digest_of(user.id, credentials.value("secret", admin ? options_.admin_secret : options_.user_secret));
  if (row.contains("metadata") && !row["metadata"].empty()) user.metadata = row["metadata"].dump();
  user.created = parse_rfc3339(row.value("created_at", ""))
                     .value_or(founded + static_cast<std::int64_t>(users_.size() + 100) * minute / 10);
  user.updated = parse_rfc3339(row.value("updated_at", "")).value_or(0);
  user.updated_by = row.value("updated_by", "");
  user.enabled = row.value("status", "enabled") == "enabled";
  user.admin = admin || row.value("role", "user") == "admin";
  add_user(std::move(user));
}

/// A user to load may name its groups: a member of each it becomes.
void Mainflux::join_groups(const json& row) {
  for (const auto& name : row.value("groups", std::vector<std::string>())) {
    Group* group = group_named(name);
    if (group == nullptr) throw std::invalid_argument("the world to load names an unknown group: " + name);
    User& user = *by_key(row.at("credentials").at("identity").get<std::string>());
    add_policy(user, *group, member_actions, group->owner, user.created);
  }
}

void Mainflux::load(const json& world) {
  reseed(world);
  try {
    for (const json& row : world.is_array() ? world : world.value("users", json::array())) load_user(row);
    if (!by_identity_.contains(options_.admin_identity)) add_administrator();
    const json rows = world.is_array() ? world : world.value("users", json::array());
    if (world.is_array() || !world.contains("groups")) {
      add_departments();
      for (const json& row : rows) join_groups(row);
      return;
    }
    for (const json& row : world["groups"]) {
      Group group;
      group.id = row.contains("id") ? row["id"].get<std::string>() : random_.uuid();
      group.owner = row.value("owner_id", by_identity_[options_.admin_identity]->id);
      group.parent = row.value("parent_id", "");
      group.name = row.at("name").get<std::string>();
      group.description = row.value("description", "");
      if (row.contains("metadata")) group.metadata = row["metadata"].dump();
      group.created = parse_rfc3339(row.value("created_at", "")).value_or(founded);
      group.updated = parse_rfc3339(row.value("updated_at", "")).value_or(0);
      group.updated_by = row.value("updated_by", "");
      group.enabled = row.value("status", "enabled") == "enabled";
      Group& added = groups_.add(std::move(group));
      if (added.updated != 0) edited_groups_.push_back(&added);
    }
    for (const json& row : rows) join_groups(row);
    for (const json& row : world.value("policies", json::array())) load_policy(row);
  } catch (const json::exception& failure) {
    throw std::invalid_argument(std::string("the world to load is no world of Mainflux: ") + failure.what());
  }
}

void Mainflux::insert_person(const Person& person, bool first) {
  User user;
  user.id = random_.uuid();
  user.name = person.first + ' ' + person.last;
  user.identity = person.mail;
  user.secret = digest_of(user.id, options_.user_secret);
  user.created = first ? founded : clock_.stamp();
  add_user(std::move(user), first);
}

void Mainflux::erase_first() {
  if (users_.size() > 1) erase(users_[users_[0].admin ? 1 : 0]);
}

void Mainflux::rename_user(const std::string& key, const std::string& name) {
  User& user = *by_key(key);
  user.name = name;
  user.updated = clock_.stamp();
  saved(user);
}

}  // namespace usher::sandbox
