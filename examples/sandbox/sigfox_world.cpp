#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/sigfox.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

constexpr std::int64_t first_created = 1'577'836'800'000;  // 2020-01-01
constexpr std::array<const char*, 4> timezones{"Europe/Paris", "Europe/Madrid", "America/Sao_Paulo",
                                               "Asia/Tokyo"};

}  // namespace

Sigfox::Sigfox(const Options& options, const json* world) : Platform(options, "sigfox") {
  if (world != nullptr)
    load(*world);
  else
    populate(options.users);
}

const Sigfox::Group& Sigfox::add_group(const std::string& name, const Group* parent) {
  Group group;
  group.id = random_.hex(24);
  group.name = name;
  if (parent != nullptr) group.parent = parent->id, group.level = parent->level + 1;
  group.created = first_created + static_cast<std::int64_t>(groups_.size()) * 1000;
  return groups_.add(std::move(group));
}

void Sigfox::add_profile(const std::string& name, const std::string& role, const Group& group) {
  Profile profile;
  profile.id = random_.hex(24);
  profile.name = name;
  profile.role = role;
  profile.group = &group;
  profiles_.add(std::move(profile));
}

/// The administrator's group, one for each department below it, and the profiles, most of them on top.
void Sigfox::add_groups() {
  const Group& top = add_group("Plantly", nullptr);
  for (const std::string& name : departments()) add_group(name, &top);
  add_group("field-tests", &group_by_key("research"));
  for (const char* name :
       {"CUSTOMER [R]", "DEVICE MANAGER [R]", "DEVICE MANAGER [W]", "API [R]", "BILLING [R]"})
    add_profile(name, random_.hex(24), top);
  add_profile("RESEARCH [W]", random_.hex(24), group_by_key("research"));
}

void Sigfox::add_administrator() {
  User admin;
  admin.id = options_.switches.text("sigfox.login");
  admin.name = "usher";
  admin.timezone = "Europe/Paris";
  admin.access_token = options_.admin_secret;
  admin.group = &groups_[0];
  admin.profiles = {&profiles_[2]};
  admin.created = first_created;
  users_.add(std::move(admin), true);
}

void Sigfox::populate(std::size_t count) {
  users_.reserve(count + 1);
  add_groups();
  add_administrator();
  for (std::size_t i = 0; i < count; ++i) {
    const Person who = person(options_.seed, i);
    insert_person(who, false);
    User& user = users_[users_.size() - 1];
    user.created = first_created + static_cast<std::int64_t>(i + 1) * 60'000;
    if (i % 10 == 0) user.profiles.push_back(&profiles_[2]);
  }
}

void Sigfox::insert_person(const Person& person, bool first) {
  User user;
  user.id = random_.hex(24);
  user.name = person.mail;  // the convention by which a person is found again
  user.timezone = timezones[person.number % timezones.size()];
  user.access_token = random_.hex(64);
  user.group = &group_by_key(person.department);
  user.profiles = {&profiles_[person.number % 2]};
  user.created = stamp_ms();
  users_.add(std::move(user), first);
}

void Sigfox::erase_first() {
  const std::string admin = options_.switches.text("sigfox.login");
  if (users_.size() > 1) users_.erase(users_[users_[0].id == admin ? 1 : 0]);
}

const Sigfox::Group& Sigfox::group_by_key(const std::string& key) const {
  if (const Group* group = groups_.find(key)) return *group;
  for (const Group* group : groups_.order())
    if (group->name == key) return *group;
  throw std::invalid_argument("no group has the id or name " + key);
}

const Sigfox::Profile& Sigfox::profile_by_key(const std::string& key) const {
  if (const Profile* profile = profiles_.find(key)) return *profile;
  for (const Profile* profile : profiles_.order())
    if (profile->name == key) return *profile;
  throw std::invalid_argument("no profile has the id or name " + key);
}

Sigfox::User& Sigfox::by_key(const std::string& key) const {
  if (User* user = users_.find(key)) return *user;
  for (User* user : users_.order())
    if (user->name == key) return *user;
  throw std::invalid_argument("no API user has the id or name " + key);
}

json Sigfox::world() const {
  json users = json::array(), groups = json::array(), profiles = json::array();
  for (const User* user : users_.order()) {
    json ids = json::array();
    for (const Profile* profile : user->profiles) ids.push_back(profile->id);
    json row{{"id", user->id},
             {"name", user->name},
             {"groupId", user->group->id},
             {"profileIds", ids},
             {"creationTime", user->created},
             {"secret_set", !user->access_token.empty()}};
    if (!user->timezone.empty()) row["timezone"] = user->timezone;
    users.push_back(std::move(row));
  }
  for (const Group* group : groups_.order())
    groups.push_back(
        {{"id", group->id}, {"name", group->name}, {"parentId", group->parent}, {"type", group->type}});
  for (const Profile* profile : profiles_.order())
    profiles.push_back({{"id", profile->id},
                        {"name", profile->name},
                        {"groupId", profile->group->id},
                        {"roleId", profile->role}});
  return {{"platform", "sigfox"}, {"users", users}, {"groups", groups}, {"profiles", profiles}};
}

void Sigfox::load_user(const json& row) {
  User user;
  user.id = row.contains("id") ? row["id"].get<std::string>() : random_.hex(24);
  user.name = row.at("name").get<std::string>();
  user.timezone = row.value("timezone", "");
  const bool admin = user.id == options_.switches.text("sigfox.login");
  user.access_token = row.value("accessToken", admin ? options_.admin_secret : random_.hex(64));
  user.group = row.contains("groupId") ? &group_by_key(row["groupId"].get<std::string>()) : &groups_[0];
  for (const auto& key : row.value("profileIds", std::vector<std::string>()))
    user.profiles.push_back(&profile_by_key(key));
  if (!row.contains("profileIds")) user.profiles.push_back(&profiles_[0]);
  user.created = row.value("creationTime", first_created);
  users_.add(std::move(user));
}

void Sigfox::load(const json& world) {
  reseed(world);
  try {
    if (world.is_array() || !world.contains("groups")) {
      add_groups();
    } else {
      for (const json& row : world["groups"]) {
        Group group;
        group.id = row.at("id").get<std::string>();
        group.name = row.at("name").get<std::string>();
        group.parent = row.value("parentId", "");
        group.type = row.value("type", 2);
        if (const Group* parent = groups_.find(group.parent)) group.level = parent->level + 1;
        group.created = first_created + static_cast<std::int64_t>(groups_.size()) * 1000;
        groups_.add(std::move(group));
      }
      for (const json& row : world.at("profiles")) {
        Profile profile;
        profile.id = row.at("id").get<std::string>();
        profile.name = row.at("name").get<std::string>();
        profile.role = row.value("roleId", "");
        profile.group = &group_by_key(row.at("groupId").get<std::string>());
        profiles_.add(std::move(profile));
      }
      if (groups_.size() == 0 || profiles_.size() < 3)
        throw std::invalid_argument("a world of Sigfox needs a group and three profiles");
    }
    for (const json& row : world.is_array() ? world : world.value("users", json::array())) load_user(row);
    if (users_.find(options_.switches.text("sigfox.login")) == nullptr) add_administrator();
  } catch (const json::exception& failure) {
    throw std::invalid_argument(std::string("the world to load is no world of Sigfox: ") + failure.what());
  }
}

}  // namespace usher::sandbox
