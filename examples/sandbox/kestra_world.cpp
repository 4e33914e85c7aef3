#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/kestra.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

Kestra::Kestra(const Options& options, const json* world) : Platform(options, "kestra") {
  for (const std::string& id : split(options.switches.text("kestra.tenants")))
    tenants_.push_back({id, id, {}});
  if (tenants_.empty()) throw std::invalid_argument("switch kestra.tenants names no tenant");
  for (const char* name : {"Admin", "Editor", "Launcher", "Viewer"})
    roles_.push_back({random_.word(22, base62), name, std::string_view(name) == "Viewer"});
  if (world != nullptr)
    load(*world);
  else
    populate(options.users);
}

void Kestra::add_administrator() {
  User admin;
  admin.id = random_.word(22, base62);
  admin.mail = admin.username = options_.admin_identity;
  admin.first = "Ada";
  admin.last = "Admin";
  admin.super_admin = true;
  User& added = add_user(std::move(admin), true);
  set_password(added, options_.admin_secret);
  for (Tenant& tenant : tenants_) grant(added, tenant);
}

Kestra::Group& Kestra::add_group(const std::string& tenant, const std::string& name) {
  Group group;
  group.id = random_.word(22, base62);
  group.tenant = tenant;
  group.name = name;
  return groups_.add(std::move(group));
}

/// A group for each department in the first tenant, which gives everybody a role, and in the second.
void Kestra::add_departments() {
  for (const std::string& name : departments()) {
    Group& group = add_group(tenants_[0].id, name);
    group.description = "Everybody in " + name;
    Binding binding;
    binding.id = random_.word(22, base62);
    binding.tenant = group.tenant;
    binding.type = "GROUP";
    binding.subject = group.id;
    binding.role = roles_[name == "engineering" ? 1 : 3].id;
    bindings_.add(std::move(binding));
    if (tenants_.size() > 1) add_group(tenants_[1].id, name);
  }
}

Kestra::Group* Kestra::group_named(std::string_view tenant, std::string_view name) const {
  for (Group* group : groups_.order())
    if (group->tenant == tenant && group->name == name) return group;
  return nullptr;
}

void Kestra::populate(std::size_t count) {
  users_.reserve(count + 1);
  by_mail_.reserve(count + 1);
  add_administrator();
  add_departments();
  for (const char* name : {"backup-agent", "deployments", "metrics"}) {
    User account;
    account.id = random_.word(22, base62);
    account.username = name;
    account.description = std::string("Runs ") + name;
    account.tenants = {tenants_[0].id};
    accounts_.add(std::move(account));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Person who = person(options_.seed, i);
    insert_person(who, false);
    User& user = users_[users_.size() - 1];
    if (!who.active) continue;  // nobody is disabled here: those who left have neither tenant nor group
    join(user, *group_named(tenants_[0].id, who.department), i % 60 == 0);
    if (!who.second_department.empty() && i % 2 == 0 && tenants_.size() > 1)
      join(user, *group_named(tenants_[1].id, who.second_department));
  }
}

Kestra::User& Kestra::add_user(User user, bool first) {
  User& added = users_.add(std::move(user), first);
  by_mail_[lower(added.mail)] = &added;
  return added;
}

void Kestra::set_mail(User& user, const std::string& mail) {
  by_mail_.erase(lower(user.mail));
  user.mail = mail;
  if (options_.switches.flag("kestra.email-renames")) user.username = mail;
  by_mail_[lower(mail)] = &user;
}

void Kestra::set_password(User& user, std::string_view password) {
  user.secret = digest_of(user.id, password);
  if (user.password_auth.empty()) user.password_auth = random_.word(22, base62);
}

bool Kestra::has_access(const User& user, std::string_view tenant) const {
  return std::find(user.tenants.begin(), user.tenants.end(), tenant) != user.tenants.end();
}

void Kestra::grant(User& user, Tenant& tenant) {
  if (has_access(user, tenant.id)) return;
  user.tenants.insert(std::lower_bound(user.tenants.begin(), user.tenants.end(), tenant.id), tenant.id);
  tenant.access.insert(user);
}

void Kestra::revoke(User& user, Tenant& tenant) {
  const std::vector<Membership> held = user.memberships;
  for (const Membership& membership : held)
    if (membership.group->tenant == tenant.id) leave(user, *membership.group);
  std::erase(user.tenants, tenant.id);
  tenant.access.erase(user);
}

bool Kestra::is_member(const User& user, const Group& group) const {
  return std::any_of(user.memberships.begin(), user.memberships.end(),
                     [&group](const Membership& one) { return one.group == &group; });
}

void Kestra::goes_stale(Group& group) {
  const std::int64_t reads = options_.switches.number("kestra.stale-reads");
  if (reads == 0) return;
  if (group.stale_reads == 0) group.stale_members = group.members;
  group.stale_reads = reads;
}

void Kestra::join(User& user, Group& group, bool external) {
  goes_stale(group);
  grant(user, *tenant_of(group.tenant));
  user.memberships.push_back({&group, false, external});
  group.members.insert(user);
}

void Kestra::leave(User& user, Group& group) {
  goes_stale(group);
  std::erase_if(user.memberships, [&group](const Membership& one) { return one.group == &group; });
  group.members.erase(user);
  const bool last =
      std::none_of(user.memberships.begin(), user.memberships.end(),
                   [&group](const Membership& one) { return one.group->tenant == group.tenant; });
  if (!last || options_.switches.number("kestra.version") >= 2) return;
  Tenant& tenant = *tenant_of(group.tenant);  // in 1.x the last group takes the access with it
  std::erase(user.tenants, tenant.id);
  tenant.access.erase(user);
}

void Kestra::drop_bindings(std::string_view subject) {
  std::vector<const Binding*> bound;
  for (const Binding* binding : bindings_.order())
    if (binding->subject == subject) bound.push_back(binding);
  for (const Binding* binding : bound) bindings_.erase(*binding);
}

void Kestra::erase(User& user) {
  for (Tenant& tenant : tenants_)
    if (has_access(user, tenant.id)) revoke(user, tenant);
  for (Group* group : groups_.order()) group->stale_members.erase(user);
  for (const ApiToken& token : user.tokens) by_token_.erase(token.digest);
  drop_bindings(user.id);
  by_mail_.erase(lower(user.mail));
  users_.erase(user);
}

Kestra::User& Kestra::by_key(const std::string& key) const {
  const auto found = by_mail_.find(lower(key));
  User* user = found == by_mail_.end() ? users_.find(key) : found->second;
  if (user == nullptr) throw std::invalid_argument("no user has the id or e-mail " + key);
  return *user;
}

void Kestra::insert_person(const Person& person, bool first) {
  User user;
  user.id = random_.word(22, base62);
  user.mail = user.username = person.mail;
  user.first = person.first;
  user.last = person.last;
  user.refresh_token = true;
  set_password(add_user(std::move(user), first), options_.user_secret);
}

void Kestra::erase_first() {
  if (users_.size() > 1) erase(users_[users_[0].mail == options_.admin_identity ? 1 : 0]);
}

void Kestra::rename_user(const std::string& key, const std::string& name) {
  User& user = by_key(key);
  const std::size_t space = name.find(' ');
  user.first = name.substr(0, space);
  user.last = space == std::string::npos ? "" : name.substr(space + 1);
}

json Kestra::world() const {
  json users = json::array(), groups = json::array(), accounts = json::array(), bindings = json::array();
  const auto tokens = [](const User& user) {
    json names = json::array();
    for (const ApiToken& token : user.tokens) names.push_back(token.name);
    return names;
  };
  for (const User* user : users_.order()) {
    json row = json::parse(detail(*user));
    row["secret_set"] = user->secret != 0;
    row["refreshToken"] = user->refresh_token;
    row["tokens"] = tokens(*user);
    for (std::size_t i = 0; i < user->memberships.size(); ++i) {
      row["groups"][i]["membership"] = user->memberships[i].owner ? "OWNER" : "MEMBER";
      row["groups"][i]["external"] = user->memberships[i].external;
    }
    users.push_back(std::move(row));
  }
  for (const Group* group : groups_.order())
    groups.push_back({{"id", group->id},
                      {"tenantId", group->tenant},
                      {"name", group->name},
                      {"description", group->description}});
  for (const User* user : accounts_.order()) {
    json row = json::parse(account(*user));
    row["tokens"] = tokens(*user);
    accounts.push_back(std::move(row));
  }
  for (const Binding* binding : bindings_.order()) bindings.push_back(json::parse(binding_row(*binding)));
  return {{"platform", "kestra"},
          {"users", users},
          {"groups", groups},
          {"serviceAccounts", accounts},
          {"bindings", bindings}};
}

/// A user to load may call groups by name: that of a tenant they are in, else the first.
Kestra::Group* Kestra::group_called(const User& user, std::string_view name) const {
  Group* first = nullptr;
  for (Group* group : groups_.order()) {
    if (group->name != name) continue;
    if (has_access(user, group->tenant)) return group;
    if (first == nullptr) first = group;
  }
  return first;
}

void Kestra::load_user(const json& row) {
  User user;
  user.id = row.contains("id") ? row["id"].get<std::string>() : random_.word(22, base62);
  user.mail = row.at("email").get<std::string>();
  if (by_mail_.contains(lower(user.mail)))
    throw std::invalid_argument("two users of the world to load have the e-mail " + user.mail);
  user.username = row.value("username", user.mail);
  user.first = row.value("firstName", "");
  user.last = row.value("lastName", "");
  const bool admin = user.mail == options_.admin_identity;
  user.super_admin = admin || row.value("superAdmin", false);
  user.restricted = row.value("restricted", false);
  user.refresh_token = row.value("refreshToken", false);
  User& added = add_user(std::move(user));
  if (row.value("secret_set", true)) {
    set_password(added, row.value("password", admin ? options_.admin_secret : options_.user_secret));
    for (const json& auth : row.value("auths", json::array()))
      added.password_auth = auth.at("id").get<std::string>();
  }
  for (const json& one : row.value("tenants", json::array())) {
    Tenant* tenant = tenant_of(one.is_string() ? one.get<std::string>() : one.at("id").get<std::string>());
    if (tenant == nullptr)
      throw std::invalid_argument("the world to load names a tenant that switch kestra.tenants does not: " +
                                  one.dump());
    grant(added, *tenant);
  }
  for (const json& one : row.value("groups", json::array())) {
    const auto called = one.is_string() ? one.get<std::string>() : one.at("id").get<std::string>();
    Group* group = groups_.find(called);
    if (group == nullptr) group = group_called(added, called);
    if (group == nullptr)
      throw std::invalid_argument("the world to load names a group that is not in it: " + one.dump());
    join(added, *group, one.is_object() && one.value("external", false));
    added.memberships.back().owner = one.is_object() && one.value("membership", "MEMBER") == "OWNER";
  }
}

void Kestra::load(const json& world) {
  reseed(world);
  try {
    if (world.is_array() || !world.contains("groups"))
      add_departments();
    else
      for (const json& row : world["groups"]) {
        const auto tenant = row.value("tenantId", tenants_[0].id);
        if (tenant_of(tenant) == nullptr)
          throw std::invalid_argument(
              "the world to load names a tenant that switch kestra.tenants does not: " + tenant);
        Group group;
        group.id = row.contains("id") ? row["id"].get<std::string>() : random_.word(22, base62);
        group.tenant = tenant;
        group.name = row.at("name").get<std::string>();
        group.description = row.value("description", "");
        groups_.add(std::move(group));
      }
    for (const json& row : world.is_array() ? world : world.value("users", json::array())) load_user(row);
    if (!by_mail_.contains(lower(options_.admin_identity))) add_administrator();
    if (!world.is_object()) return;
    for (const json& row : world.value("serviceAccounts", json::array())) {
      User account;
      account.id = row.at("id").get<std::string>();
      account.username = row.at("name").get<std::string>();
      account.description = row.value("description", "");
      account.super_admin = row.value("superAdmin", false);
      for (const json& one : row.value("tenants", json::array()))
        account.tenants.push_back(one.at("id").get<std::string>());
      accounts_.add(std::move(account));
    }
    for (const json& row : world.value("bindings", json::array())) {
      const std::string type = row.at("type").get<std::string>(),
                        role = row.at("role").at("name").get<std::string>();
      const auto known =
          std::find_if(roles_.begin(), roles_.end(), [&role](const Role& one) { return one.name == role; });
      if (known == roles_.end())
        throw std::invalid_argument("the world to load names an unknown role: " + role);
      const std::string subject = row.at(type == "USER" ? "user" : "group").at("id").get<std::string>();
      const Group* group = groups_.find(subject);
      Binding binding;
      binding.id = row.at("id").get<std::string>();
      binding.tenant = group == nullptr ? tenants_[0].id : group->tenant;
      binding.type = type;
      binding.subject = subject;
      binding.role = known->id;
      binding.space = row.value("namespace", "");
      bindings_.add(std::move(binding));
    }
  } catch (const json::exception& failure) {
    throw std::invalid_argument(std::string("the world to load is no world of Kestra: ") + failure.what());
  }
}

}  // namespace usher::sandbox
