#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "examples/sandbox/platform.hpp"
#include "examples/sandbox/routes.hpp"
#include "examples/sandbox/table.hpp"
#include "examples/sandbox/tokens.hpp"

namespace usher::sandbox {

/// The dashboard users of Gr4vy as of October 2021, or with switch gr4vy.api of 2023 (contracts.md §2).
class Gr4vy : public Platform {
 public:
  Gr4vy(const Options& options, const nlohmann::json* load);

  Reply serve(const Call& call) override;
  nlohmann::json world() const override;
  nlohmann::json login() const override;
  void expire_tokens() override { tokens_.expire_all(); }

 private:
  struct User {
    std::string id;
    std::int64_t serial = 0;
    std::string name, mail;
    std::uint64_t secret = 0;  ///< digest of the password, 0: none
    std::string reset_token;
    std::int64_t reset_expires = 0;  ///< seconds
    std::int64_t created = 0, seen = 0;
    std::vector<std::string> roles;  ///< ids of roles, sorted
  };
  struct Role {
    std::string id, slug, name;
  };
  template <class T>
  using Or = tl::expected<T, Reply>;

  // gr4vy.cpp
  Reply dispatch(const Call& call);
  Reply create_session(const Call&, const Captures&);
  Reply refresh_session(const Call&, const Captures&);
  Reply delete_session(const Call&, const Captures&);
  Reply session_for(const User& user, const std::string& id);
  Or<Claims> claims_of(const Call& call) const;
  Or<User*> caller(const Call& call) const;  ///< null for an API token
  static Or<nlohmann::json> body_of(const Call& call);
  static Reply error(int status, const char* code, const std::string& message, nlohmann::json details);
  static Reply error(int status, const char* code, const std::string& message);
  static Reply bad(const char* location, const std::string& pointer, const std::string& message);
  static Reply unauthorized();
  static Reply not_found();

  // gr4vy_users.cpp
  Reply list_users(const Call&, const Captures&);
  Reply add_user(const Call&, const Captures&);
  Reply get_user(const Call&, const Captures&);
  Reply update_user(const Call&, const Captures&);
  Reply delete_user(const Call&, const Captures&);
  Reply current_user(const Call&, const Captures&);
  Reply update_current(const Call&, const Captures&);
  Reply reset_password(const Call&, const Captures&);
  Reply set_password(const Call&, const Captures&);
  Or<std::size_t> limit_of(const Call& call) const;
  bool fits(const User& user, const Call& call) const;
  void renew_reset_token(User& user);
  std::string render(const User& user) const;
  Reply answer(int status, const User& user, std::string_view effect) const;

  // gr4vy_roles.cpp, of 2023
  Reply list_roles(const Call&, const Captures&);
  Reply list_assignments(const Call&, const Captures&);
  Reply create_assignment(const Call&, const Captures&);
  Reply delete_assignment(const Call&, const Captures&);
  const Role* role_of(std::string_view id) const;
  std::string role_json(const Role& role) const;
  std::string assignment_json(const User& user, const Role& role) const;

  // gr4vy_world.cpp
  void populate(std::size_t users);
  void load_user(const nlohmann::json& row);
  User& add(User user);
  void add_administrator();
  void erase(User& user);
  User& by_key(const std::string& key) const;
  void insert_person(const Person& person, bool first) override;
  void insert_user(const nlohmann::json& user) override { load_user(user); }
  void erase_first() override;
  void erase_user(const std::string& key) override { erase(by_key(key)); }
  void rename_user(const std::string& key, const std::string& name) override { by_key(key).name = name; }

  bool is_2023() const { return options_.switches.text("gr4vy.api") == "2023"; }
  static const std::vector<Route<Gr4vy>>& routes_of_2021();
  static const std::vector<Route<Gr4vy>>& routes_of_2023();

  Tokens tokens_;
  std::unordered_map<std::string, std::string> sessions_;  ///< live session -> user
  Table<User> users_;                                      ///< oldest first; listed the other way round
  std::unordered_map<std::string, User*> by_mail_;         ///< lower case
  std::vector<Role> roles_;
};

}  // namespace usher::sandbox
