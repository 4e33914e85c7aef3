#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "examples/sandbox/platform.hpp"
#include "examples/sandbox/routes.hpp"
#include "examples/sandbox/table.hpp"

namespace usher::sandbox {

/// A plain people API that is as unkind as real ones are: people, groups, memberships, invitations, and a
/// switch `unkind.…` for each thing that such a platform does to its clients. With all switches as they come
/// it is kind. The recipe is unkind.yaml beside this file. Nobody logs in.
class Unkind : public Platform {
 public:
  Unkind(const Options& options, const nlohmann::json* load);

  Reply serve(const Call& call) override;
  nlohmann::json world() const override;
  nlohmann::json login() const override { return {{"identity", ""}, {"secret", ""}}; }
  nlohmann::json secrets() const override;
  void expire_tokens() override {}  ///< there are none

 private:
  struct Person {
    std::string id;
    std::int64_t serial = 0;
    nlohmann::json values;  ///< mail, name, title, enabled, pending
    std::string password;
    bool whole = false;           ///< the second call of a create was made
    bool own = false;             ///< made through the API
    std::int64_t unlisted = 0;    ///< complete listings that will not show it
    std::int64_t unsearched = 0;  ///< searches that will not find it
    std::chrono::steady_clock::time_point made;
  };

  // unkind.cpp
  Reply dispatch(const Call& call);
  Reply disturbed(Reply reply);
  std::string text(std::string_view name) const;
  bool is(std::string_view name, std::string_view value) const { return text(name) == value; }
  bool flag(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  bool names(std::string_view list, std::string_view one) const;  ///< whether a switch that is a list has it
  static Reply message(int status, const std::string& text);
  static Reply done(Reply reply, std::string_view effect, const std::string& subject);

  // unkind_people.cpp
  Reply list(const Call&, const Captures&);
  Reply create(const Call&, const Captures&);
  Reply get(const Call&, const Captures&);
  Reply update(const Call&, const Captures&);
  Reply make_whole(const Call&, const Captures&);
  Reply erase(const Call&, const Captures&);
  Reply search(const std::string& mail);
  Reply page(const Call& call, std::vector<const Person*> people, std::size_t from, std::size_t most) const;
  Reply answer_to_create(const std::string& how, const Person& made);
  bool is_visible(const Person& person) const;
  bool is_young(const Person& person) const;
  bool is_taken(const std::string& mail, const Person* by) const;
  static nlohmann::json shown(const Person& person);

  // unkind_values.cpp
  Person& write(Person& person, const nlohmann::json& values);
  std::string rewritten(std::string text) const;

  // unkind_groups.cpp
  Reply list_groups(const Call&, const Captures&);
  Reply list_members(const Call&, const Captures&);
  Reply list_groups_of(const Call&, const Captures&);
  Reply set_groups_of(const Call&, const Captures&);
  Reply join(const Call&, const Captures&);
  Reply leave(const Call&, const Captures&);
  Reply change_many(const Call&, const Captures&);
  Reply write_group(std::string_view group, const std::vector<std::string>& ids, bool joins);
  std::vector<std::string> members_of(const std::string& group) const;

  // unkind_world.cpp
  void populate(std::size_t people);
  void load(const nlohmann::json& world);
  Person& load_person(const nlohmann::json& row);
  Person& add(Person person, bool first = false);
  std::string next_id(const std::string& mail);
  Person& rename(Person& person, const std::string& mail_before);
  void forget_mail(const Person& person, const std::string& mail);
  void remove(Person& person);
  Person& by_key(const std::string& key) const;
  std::vector<std::string>& group(const std::string& name);
  void insert_person(const sandbox::Person& person, bool first) override;
  void insert_user(const nlohmann::json& user) override { load_person(user); }
  void erase_first() override;
  void erase_user(const std::string& key) override { remove(by_key(key)); }
  void rename_user(const std::string& key, const std::string& name) override;
  void enable_user(const std::string& key, bool enabled) override;
  void edit_user(const std::string& key, const nlohmann::json& values) override;
  void change_membership(const std::string& key, const std::string& group, bool joins) override;
  void settle() override;

  static const std::vector<Route<Unkind>>& routes();

  Table<Person> people_;
  std::unordered_multimap<std::string, Person*> by_mail_;                 ///< by mail in lower case
  std::vector<std::pair<std::string, std::vector<std::string>>> groups_;  ///< name and ids of members
  std::set<std::string, std::less<>> created_;                            ///< keys of which a create was seen
  std::int64_t number_ = 0;                                               ///< accounts there ever were
  std::int64_t writes_ = 0;
};

}  // namespace usher::sandbox
