#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "examples/sandbox/platform.hpp"
#include "examples/sandbox/routes.hpp"
#include "examples/sandbox/table.hpp"
#include "examples/sandbox/tokens.hpp"

namespace usher::sandbox {

/// What Mainflux says of a request it cannot read.
inline constexpr std::string_view bad_request = "something went wrong with the request";

/// The users service of Mainflux as it was between June and October 2023 (contracts.md §1): users, groups,
/// policies.
class Mainflux : public Platform {
 public:
  Mainflux(const Options& options, const nlohmann::json* load);

  Reply serve(const Call& call) override;
  nlohmann::json world() const override;
  nlohmann::json login() const override;
  void expire_tokens() override { tokens_.expire_all(); }

 private:
  struct User;
  struct Group {
    std::string id;
    std::int64_t serial = 0;
    std::string owner, parent, name, description;
    std::string metadata;  ///< JSON, "" when empty
    std::int64_t created = 0, updated = 0;
    std::string updated_by;
    bool enabled = true;
    Order<User> members;
  };
  struct Policy {
    std::int64_t serial = 0;
    User* subject = nullptr;
    Group* object = nullptr;
    std::string actions;  ///< one character each, a position in the list of actions
    std::string owner;
    std::int64_t created = 0, updated = 0;
    std::string updated_by;
  };
  struct User {
    std::string id;
    std::int64_t serial = 0;
    std::string name;
    std::vector<std::string> tags;
    std::string owner;
    std::string identity;
    std::uint64_t secret = 0;  ///< digest of the password
    std::string metadata;      ///< JSON, "" when empty
    std::int64_t created = 0, updated = 0;
    std::string updated_by;
    bool enabled = true, admin = false;
    std::vector<std::unique_ptr<Policy>> policies;
    std::string json;  ///< as a page shows it, made anew by `saved`
  };
  /// What a list was asked for.
  struct Page {
    std::size_t offset = 0, limit = 10;
    std::string status = "enabled";
  };
  template <class T>
  using Or = tl::expected<T, Reply>;  ///< or the reply that refuses the call

  // Session, mainflux.cpp
  Reply dispatch(const Call& call);
  static Reply no_route(const Call& call);
  Reply issue(const Call&, const Captures&);
  Reply refresh(const Call&, const Captures&);
  Reply pair_for(const std::string& id, const std::string& identity);
  Reply reset_request(const Call&, const Captures&);
  Reply reset_password(const Call&, const Captures&);
  Reply health(const Call&, const Captures&);
  Or<User*> caller(const Call& call) const;
  Or<User*> administrator_or(const Call& call, std::string_view allowed_id) const;

  // Users, mainflux_users.cpp
  Reply create_user(const Call&, const Captures&);
  Reply list_users(const Call&, const Captures&);
  Reply get_user(const Call&, const Captures&);
  Reply profile(const Call&, const Captures&);
  Reply update_user(const Call&, const Captures&);
  Reply update_tags(const Call&, const Captures&);
  Reply update_identity(const Call&, const Captures&);
  Reply update_owner(const Call&, const Captures&);
  Reply update_secret(const Call&, const Captures&);
  Reply post_enable(const Call&, const Captures&);
  Reply post_disable(const Call&, const Captures&);
  Reply switch_user(const Call&, std::string_view id, bool enabled);
  Or<User*> user_to_edit(const Call& call, std::string_view id);
  Reply edited(User& user, const Call& call, std::string_view effect, bool with_hash = false);

  // Groups and policies, mainflux_groups.cpp and mainflux_policies.cpp
  Reply create_group(const Call&, const Captures&);
  Reply list_groups(const Call&, const Captures&);
  Reply get_group(const Call&, const Captures&);
  Reply update_group(const Call&, const Captures&);
  Reply enable_group(const Call&, const Captures&);
  Reply disable_group(const Call&, const Captures&);
  Reply switch_group(const Call&, std::string_view id, bool enabled);
  Reply list_members(const Call&, const Captures&);
  Reply list_memberships(const Call&, const Captures&);
  Reply list_policies(const Call&, const Captures&);
  Reply put_policy(const Call&, const Captures&);
  Reply change_policy(const Call&, const Captures&);
  Reply delete_policy(const Call&, const Captures&);
  Reply authorize(const Call&, const Captures&);
  Policy* policy_of(std::string_view user, std::string_view group) const;
  Policy& add_policy(User& user, Group& group, std::string actions, const std::string& owner,
                     std::int64_t now);
  void edit_policy(Policy& policy, std::string actions, const User& editor);
  void load_policy(const nlohmann::json& row);
  void erase_policy(User& user, Group& group);
  std::vector<const Group*> groups_in_order();
  void append_policy(std::string& out, const Policy& policy) const;

  // Data, mainflux_world.cpp
  void populate(std::size_t users);
  void load(const nlohmann::json& world);
  void load_user(const nlohmann::json& row);
  void join_groups(const nlohmann::json& row);
  void add_departments();
  Group* group_named(std::string_view name) const;
  User& add_user(User user, bool first = false);
  void add_administrator();
  void erase(User& user);
  void insert_person(const Person& person, bool first) override;
  void insert_user(const nlohmann::json& user) override { load_user(user); }
  void erase_first() override;
  void erase_user(const std::string& key) override { erase(*by_key(key)); }
  void rename_user(const std::string& key, const std::string& name) override;
  void enable_user(const std::string& key, bool enabled) override { set_enabled(*by_key(key), enabled); }
  User* by_key(const std::string& key) const;
  void set_enabled(User& user, bool enabled);
  void saved(User& user);

  static std::string render(const User& user, bool as_member, std::string_view hash);
  static std::string render(const Group& group, int level, std::string_view path);
  static const std::vector<Route<Mainflux>>& routes();
  static Or<nlohmann::json> body_of(const Call& call);
  static Or<Page> page_of(const Call& call);
  static Reply error(int status, std::string_view inner, std::string_view outer);

  Tokens tokens_;
  Table<User> users_;
  Order<User> enabled_, disabled_;
  std::unordered_map<std::string, User*> by_identity_;
  Table<Group> groups_;
  Order<Policy> policies_;       ///< never edited: their updated_at is NULL, which sorts last
  std::vector<Policy*> edited_;  ///< by the time of their last edit
  std::int64_t last_policy_ = 0;
  std::vector<Group*> edited_groups_;
  std::uint64_t listed_ = 0;  ///< pages of groups or policies served, turns the unstable order
};

}  // namespace usher::sandbox
