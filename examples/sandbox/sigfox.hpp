#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "examples/sandbox/platform.hpp"
#include "examples/sandbox/routes.hpp"
#include "examples/sandbox/table.hpp"

namespace usher::sandbox {

/// The API users of the Sigfox API v2 with the groups and profiles they refer to (contracts.md §4).
class Sigfox : public Platform {
 public:
  Sigfox(const Options& options, const nlohmann::json* load);

  Reply serve(const Call& call) override;
  nlohmann::json world() const override;
  nlohmann::json login() const override;
  void expire_tokens() override {}  ///< there are none: Basic authentication

 private:
  struct Group {
    std::string id;
    std::int64_t serial = 0;
    std::string name, parent;
    std::int64_t created = 0;  ///< milliseconds
    int type = 2, level = 0;
  };
  struct Profile {
    std::string id;
    std::int64_t serial = 0;
    std::string name, role;
    const Group* group = nullptr;
  };
  struct User {
    std::string id;
    std::int64_t serial = 0;
    std::string name, timezone, access_token;
    const Group* group = nullptr;
    std::vector<const Profile*> profiles;
    std::int64_t created = 0;  ///< milliseconds
  };
  struct Window {
    std::size_t offset = 0, limit = 100;
  };
  template <class T>
  using Or = tl::expected<T, Reply>;

  // sigfox.cpp
  Reply dispatch(const Call& call);
  const User* caller(const Call& call) const;
  static Or<nlohmann::json> body_of(const Call& call);
  static Or<Window> window_of(const Call& call);
  static Reply message(int status, const std::string& text);
  static Reply bad(const char* type, const std::string& field, const std::string& text);
  Reply page(const Call& call, const Window& window, std::size_t total, const std::string& rows,
             bool by_token) const;

  // sigfox_users.cpp
  Reply list_users(const Call&, const Captures&);
  Reply create_user(const Call&, const Captures&);
  Reply get_user(const Call&, const Captures&);
  Reply update_user(const Call&, const Captures&);
  Reply delete_user(const Call&, const Captures&);
  Reply add_profiles(const Call&, const Captures&);
  Reply remove_profile(const Call&, const Captures&);
  Reply renew(const Call&, const Captures&);
  std::string render(const User& user, const Call& call) const;
  Or<std::vector<const Profile*>> profiles_in(const nlohmann::json& body) const;
  static Reply changed(const User& user, std::string_view effect);

  // sigfox_groups.cpp
  Reply list_groups(const Call&, const Captures&);
  Reply get_group(const Call&, const Captures&);
  Reply list_profiles(const Call&, const Captures&);
  Reply get_profile(const Call&, const Captures&);
  bool is_below(const Group& group, std::string_view ancestor) const;
  std::string render(const Group& group) const;
  std::string render(const Profile& profile, const std::string& fields) const;

  // sigfox_world.cpp
  void populate(std::size_t users);
  void load(const nlohmann::json& world);
  void load_user(const nlohmann::json& row);
  void add_administrator();
  void add_groups();
  const Group& add_group(const std::string& name, const Group* parent);
  void add_profile(const std::string& name, const std::string& role, const Group& group);
  const Group& group_by_key(const std::string& key) const;
  const Profile& profile_by_key(const std::string& key) const;
  User& by_key(const std::string& key) const;
  std::int64_t stamp_ms() { return clock_.stamp() / 1000; }
  void insert_person(const Person& person, bool first) override;
  void insert_user(const nlohmann::json& user) override { load_user(user); }
  void erase_first() override;
  void erase_user(const std::string& key) override { users_.erase(by_key(key)); }
  void rename_user(const std::string& key, const std::string& name) override { by_key(key).name = name; }

  static const std::vector<Route<Sigfox>>& routes();

  Table<Group> groups_;
  Table<Profile> profiles_;
  Table<User> users_;
};

}  // namespace usher::sandbox
