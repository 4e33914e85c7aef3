#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/gr4vy.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

constexpr std::int64_t gr4vy_founded = 1'609'459'200'000'000;  // 2021-01-01

}  // namespace

Gr4vy::Gr4vy(const Options& options, const json* world)
    : Platform(options, "gr4vy"), tokens_(options.seed, "ES512", 132, "https://api.gr4vy.app") {
  for (const char* slug : {"administrator", "analyst", "customer-support", "system-manager", "system-support",
                           "user-manager", "pii-viewer", "report-manager", "report-viewer"}) {
    std::string name = slug;
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    roles_.push_back({random_.uuid(), slug, name});
  }
  if (world == nullptr) {
    populate(options.users);
    return;
  }
  reseed(*world);
  try {
    const json& rows = world->is_array() ? *world : world->at("users");
    for (const json& row : rows) load_user(row);
  } catch (const json::exception& failure) {
    throw std::invalid_argument(std::string("the world to load is no world of Gr4vy: ") + failure.what());
  }
  if (!by_mail_.contains(lower(options.admin_identity))) add_administrator();
}

void Gr4vy::add_administrator() {
  User admin;
  admin.id = random_.uuid();
  admin.name = "Admin";
  admin.mail = options_.admin_identity;
  admin.secret = digest_of(admin.id, options_.admin_secret);
  admin.created = gr4vy_founded;
  admin.roles = {roles_[0].id};
  add(std::move(admin));
}

void Gr4vy::populate(std::size_t count) {
  users_.reserve(count + 1);
  by_mail_.reserve(count + 1);
  add_administrator();
  for (std::size_t i = 0; i < count; ++i) {
    const Person who = person(options_.seed, i);
    insert_person(who, false);
    User& user = users_[users_.size() - 1];
    user.created = gr4vy_founded + static_cast<std::int64_t>(i + 1) * 6'000'000;
    user.roles = {roles_[1 + i % (roles_.size() - 1)].id};
    if (i % 6 != 5) continue;  // was invited and has not come yet
    user.secret = 0;
    renew_reset_token(user);
  }
}

Gr4vy::User& Gr4vy::add(User user) {
  User& added = users_.add(std::move(user));
  by_mail_[lower(added.mail)] = &added;
  return added;
}

void Gr4vy::insert_person(const Person& person, bool) {
  User user;
  user.id = random_.uuid();
  user.name = person.first + ' ' + person.last;
  user.mail = person.mail;
  user.secret = digest_of(user.id, options_.user_secret);
  user.created = clock_.stamp();
  add(std::move(user));
}

void Gr4vy::erase(User& user) {
  std::erase_if(sessions_, [&user](const auto& session) { return session.second == user.id; });
  by_mail_.erase(lower(user.mail));
  users_.erase(user);
}

void Gr4vy::erase_first() {
  if (users_.size() < 2) return;
  User& newest = users_[users_.size() - 1];
  erase(newest.mail == options_.admin_identity ? users_[users_.size() - 2] : newest);
}

Gr4vy::User& Gr4vy::by_key(const std::string& key) const {
  const auto found = by_mail_.find(lower(key));
  User* user = found == by_mail_.end() ? users_.find(key) : found->second;
  if (user == nullptr) throw std::invalid_argument("no user has the id or e-mail " + key);
  return *user;
}

json Gr4vy::world() const {
  json users = json::array();
  for (const User* user : users_.order()) {
    json roles = json::array();
    for (const std::string& id : user->roles) roles.push_back(role_of(id)->slug);
    users.push_back({{"id", user->id},
                     {"name", user->name},
                     {"email_address", user->mail},
                     {"has_valid_password", user->secret != 0},
                     {"reset_token_set", !user->reset_token.empty()},
                     {"created_at", rfc3339(user->created)},
                     {"roles", roles}});
  }
  return {{"platform", "gr4vy"}, {"users", users}};
}

void Gr4vy::load_user(const json& row) {
  User user;
  user.id = row.contains("id") ? row["id"].get<std::string>() : random_.uuid();
  user.name = row.value("name", row.value("display_name", ""));
  user.mail = row.at("email_address").get<std::string>();
  if (by_mail_.contains(lower(user.mail)))
    throw std::invalid_argument("two users of the world to load have the e-mail " + user.mail);
  const bool admin = user.mail == options_.admin_identity;
  if (row.value("has_valid_password", true))
    user.secret =
        digest_of(user.id, row.value("password", admin ? options_.admin_secret : options_.user_secret));
  if (row.value("reset_token_set", false)) renew_reset_token(user);
  user.created = parse_rfc3339(row.value("created_at", "")).value_or(gr4vy_founded);
  for (const auto& slug : row.value("roles", std::vector<std::string>())) {
    const auto role =
        std::find_if(roles_.begin(), roles_.end(), [&slug](const Role& one) { return one.slug == slug; });
    if (role == roles_.end()) throw std::invalid_argument("the world to load names an unknown role: " + slug);
    user.roles.push_back(role->id);
  }
  add(std::move(user));
}

}  // namespace usher::sandbox
