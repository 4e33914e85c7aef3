#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "examples/sandbox/platform.hpp"
#include "examples/sandbox/routes.hpp"
#include "examples/sandbox/table.hpp"

namespace usher::sandbox {

/// The identity management of Kestra Enterprise 0.24/1.0 (contracts.md §3): users, groups, tenants, tokens,
/// roles.
class Kestra : public Platform {
 public:
  Kestra(const Options& options, const nlohmann::json* load);

  Reply serve(const Call& call) override;
  nlohmann::json world() const override;
  nlohmann::json login() const override;
  void expire_tokens() override;

 private:
  struct Group;
  struct Membership {
    Group* group = nullptr;
    bool owner = false;     ///< OWNER of the group, else MEMBER
    bool external = false;  ///< made by single sign-on
  };
  struct ApiToken {
    std::string id, name, description, prefix;
    std::int64_t issued = 0, expires = 0;  ///< seconds; 0: never
    bool extended = false;
    std::uint64_t digest = 0;
  };
  /// A person, or a service account (then `name` and `description` count, and there is no mail).
  struct User {
    std::string id;
    std::int64_t serial = 0;
    std::string mail, first, last, description;
    std::string username;
    std::uint64_t secret = 0;   ///< digest of the password, 0: none
    std::string password_auth;  ///< id of the password method, "" without a password
    bool super_admin = false, restricted = false, refresh_token = false;
    std::vector<std::string> tenants;  ///< sorted
    std::vector<Membership> memberships;
    std::vector<ApiToken> tokens;
  };
  struct Group {
    std::string id;
    std::int64_t serial = 0;
    std::string tenant, name, description;
    Order<User> members;
    Order<User> stale_members;  ///< what the member listing still shows
    std::int64_t stale_reads = 0;
  };
  struct Tenant {
    std::string id, name;
    Order<User> access;
  };
  struct Role {
    std::string id, name;
    bool standard = false;
  };
  struct Binding {
    std::string id;
    std::int64_t serial = 0;
    std::string tenant, type, subject, role, space;
  };
  /// The part of a list that was asked for.
  struct Window {
    std::size_t begin = 0, end = 0;
  };
  template <class T>
  using Or = tl::expected<T, Reply>;

  // kestra.cpp
  Or<User*> caller(const Call& call);
  Or<nlohmann::json> body_of(const Call& call) const;
  Or<Window> window_of(const Call& call, bool sortable) const;
  Reply problem(const Call& call, int status, const std::string& message) const;
  Reply missing(const Call& call, const std::string& what) const;
  Reply page(std::size_t total, const std::string& rows) const;
  Reply me(const Call&, const Captures&);
  Reply own_password(const Call&, const Captures&);

  // kestra_users.cpp
  Reply list_users(const Call&, const Captures&);
  Reply create_user(const Call&, const Captures&);
  Reply get_user(const Call&, const Captures&);
  Reply replace_user(const Call&, const Captures&);
  Reply patch_user(const Call&, const Captures&);
  Reply delete_user(const Call&, const Captures&);
  Reply patch_password(const Call&, const Captures&);
  Reply patch_superadmin(const Call&, const Captures&);
  Reply patch_restricted(const Call&, const Captures&);
  Reply delete_auth(const Call&, const Captures&);
  Reply delete_refresh_token(const Call&, const Captures&);
  Reply impersonate(const Call&, const Captures&);
  Reply put_user_groups(const Call&, const Captures&);
  Reply patch_flag(const Call& call, std::string_view id, const char* name, bool User::*flag,
                   std::string_view effect);
  std::optional<Reply> write(const Call& call, const nlohmann::json& body, User& user);
  void place(const nlohmann::json& body, User& user);
  std::string summary(const User& user) const;
  std::string detail(const User& user) const;

  // kestra_tokens.cpp: of users, and of service accounts by two paths
  Reply list_tokens(const Call&, const Captures&);
  Reply create_token(const Call&, const Captures&);
  Reply delete_token(const Call&, const Captures&);
  Reply list_tokens_of_account(const Call&, const Captures&);
  Reply create_token_of_account(const Call&, const Captures&);
  Reply delete_token_of_account(const Call&, const Captures&);
  Reply list_tokens_in_tenant(const Call&, const Captures&);
  Reply create_token_in_tenant(const Call&, const Captures&);
  Reply delete_token_in_tenant(const Call&, const Captures&);
  Reply list_accounts(const Call&, const Captures&);
  Reply create_account(const Call&, const Captures&);
  Reply get_account(const Call&, const Captures&);
  Reply patch_account(const Call&, const Captures&);
  Reply delete_account(const Call&, const Captures&);
  Reply tokens_of(const Call& call, const User* user) const;
  Reply new_token(const Call& call, User* user);
  Reply drop_token(const Call& call, User* user, std::string_view token, int status);
  User* account_in(std::string_view tenant, std::string_view id) const;
  std::string account(const User& user) const;

  // kestra_groups.cpp
  Reply search_groups(const Call&, const Captures&);
  Reply groups_by_id(const Call&, const Captures&);
  Reply autocomplete_groups(const Call&, const Captures&);
  Reply create_group(const Call&, const Captures&);
  Reply get_group(const Call&, const Captures&);
  Reply put_group(const Call&, const Captures&);
  Reply delete_group(const Call&, const Captures&);
  Reply list_members(const Call&, const Captures&);
  Reply add_member(const Call&, const Captures&);
  Reply remove_member(const Call&, const Captures&);
  Reply put_membership(const Call&, const Captures&);
  Group* group_in(std::string_view tenant, std::string_view id) const;
  std::string member(const User& user, std::string_view tenant) const;

  // kestra_tenants.cpp
  Reply search_tenants(const Call&, const Captures&);
  Reply list_access(const Call&, const Captures&);
  Reply create_access(const Call&, const Captures&);
  Reply autocomplete_users(const Call&, const Captures&);
  Reply get_access(const Call&, const Captures&);
  Reply put_access(const Call&, const Captures&);
  Reply delete_access(const Call&, const Captures&);
  Reply search_roles(const Call&, const Captures&);
  Reply create_binding(const Call&, const Captures&);
  Reply search_bindings(const Call&, const Captures&);
  Reply get_binding(const Call&, const Captures&);
  Reply delete_binding(const Call&, const Captures&);
  Tenant* tenant_of(std::string_view id);
  std::string access_row(const User& user, std::string_view tenant) const;
  std::string binding_row(const Binding& binding) const;

  // kestra_world.cpp
  void populate(std::size_t users);
  void load(const nlohmann::json& world);
  Group* group_called(const User& user, std::string_view name) const;
  void load_user(const nlohmann::json& row);
  User& add_user(User user, bool first = false);
  void add_administrator();
  void add_departments();
  Group* group_named(std::string_view tenant, std::string_view name) const;
  void drop_bindings(std::string_view subject);
  Group& add_group(const std::string& tenant, const std::string& name);
  void set_mail(User& user, const std::string& mail);
  void set_password(User& user, std::string_view password);
  bool has_access(const User& user, std::string_view tenant) const;
  void grant(User& user, Tenant& tenant);
  void revoke(User& user, Tenant& tenant);
  void join(User& user, Group& group, bool external = false);
  void leave(User& user, Group& group);
  void goes_stale(Group& group);
  bool is_member(const User& user, const Group& group) const;
  void erase(User& user);
  User& by_key(const std::string& key) const;
  void insert_person(const Person& person, bool first) override;
  void insert_user(const nlohmann::json& user) override { load_user(user); }
  void erase_first() override;
  void erase_user(const std::string& key) override { erase(by_key(key)); }
  void rename_user(const std::string& key, const std::string& name) override;

  static const std::vector<Route<Kestra>>& routes();
  static Reply done(int status, std::string_view effect, std::string subject, std::string body = {});

  std::vector<Tenant> tenants_;
  std::vector<Role> roles_;
  Table<User> users_;
  Table<User> accounts_;  ///< service accounts
  Table<Group> groups_;
  Table<Binding> bindings_;
  std::unordered_map<std::string, User*> by_mail_;  ///< lower case
  std::unordered_map<std::uint64_t, User*> by_token_;
};

}  // namespace usher::sandbox
