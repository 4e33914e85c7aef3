#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/plan/decision.hpp"

namespace usher {

bool among(const std::vector<std::string>& names, const std::string& name);

/// Builds the verdict of one account, one difference at a time. What is not done is noted with the reason.
/// For one thread.
class ChangeBuilder {
 public:
  /// The memberships of one account or the wanted ones: kind and id -> details.
  using Edges = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

  /// account: null for somebody who has none.
  ChangeBuilder(const PlatformView& view, std::string person, const Account* account);

  bool is_self() const;

  void enable();
  /// Gives back what a lock took; memberships follow from the rules.
  void unlock();
  /// Attributes that differ, one operation for each call of the platform that writes some of them.
  /// written: what no pull shows, as this program wrote it last; what is neither shown nor in it stays.
  void update(const nlohmann::json& wanted, const Written& written);
  void create(const nlohmann::json& wanted, const std::optional<nlohmann::json>& groups);
  /// A new account that nobody can log in with: created disabled, or disabled or locked (`step`) at once.
  void create_unusable(nlohmann::json wanted, const std::optional<nlohmann::json>& groups,
                       OperationKind step);
  /// Whether update() met something only a new account could have, and the rules say `recreate`.
  bool must_recreate() const { return !immutable_.empty(); }
  /// A new account in place of this one, with its memberships.
  void recreate(const nlohmann::json& wanted, const std::optional<nlohmann::json>& groups);

  /// Memberships the rules give and, of the kinds they manage, the ones they no longer give; additions first.
  void memberships(const nlohmann::json& groups);
  /// Which memberships a leaver loses: those the rules manage, those a lock takes, or all that can be taken.
  enum class Taking { managed, by_lock, all };
  void remove_memberships(const std::string& because, Taking taking);
  /// Tokens and sessions, which outlive a password.
  void revoke_credentials();
  /// What a lock writes, then nothing when it is so already.
  void write_for_lock();
  /// Puts back what an earlier run did to the account, the last of it first: what is not as that run left it
  /// stays as it is and is noted, and so is what cannot be brought back. done: in the order they were done.
  /// run: "run 7". locked: usher locked the account and nobody unlocked it since.
  /// written: as for update().
  void put_back(const std::vector<Operation>& done, const std::string& run, bool locked,
                const Written& written);
  /// The account once everything that was added is done. REQUIRES: there is one.
  Account after_changes() const;

  /// The last step of a leaver or an orphan. rule: that wants it so.
  void take_away(OperationKind kind, const char* rule = "leavers");

  /// cause: Note::cause.
  void note(NoteKind kind, std::string message, std::string cause = {});
  Decision finish(Situation situation, const std::string& because);

  /// A required attribute of a new account that has no value; empty: none lacks.
  std::string lacking(const nlohmann::json& wanted) const;

 private:
  /// The first thing said is the strongest: later ones only refine it.
  void say(ChangeAct act);
  Operation make(OperationKind kind) const;
  std::vector<std::string> matched_attributes() const;
  /// Of nobody's account: the attributes by which `orphans.except` left it to be taken.
  void remember_excepted(Operation& operation) const;
  void add(OperationKind kind) { add(make(kind)); }
  void add(Operation operation);
  std::string rule_of(const std::string& path) const;
  /// The rules that give a membership.
  std::string given_by(const std::pair<std::string, std::string>& edge) const;
  const UpdateRoute* may_update(const Attribute& attribute, const nlohmann::json& before,
                                const nlohmann::json& after);
  std::string why_not_recreate() const;
  void add_create(const nlohmann::json& values, const Edges& edges, const std::string& because);
  void update_after_create(const UpdateRoute& route, const nlohmann::json& wanted);
  void invite();
  Edges wanted_edges(const nlohmann::json& groups);
  void put_back_use(const std::vector<Operation>& done, const std::string& run, bool locked);
  void take_back_create(const std::vector<Operation>& done, const std::string& run);
  void put_back_values(const std::vector<Operation>& done, const std::string& run, const Written& written);
  void put_back_memberships(const std::vector<Operation>& done, const std::string& run);
  void put_membership(const std::pair<std::string, std::string>& edge,
                      const std::vector<std::string>& details, const std::string& because);
  void remove_membership(const std::pair<std::string, std::string>& edge,
                         const std::vector<std::string>& details, const std::string& because);

  const PlatformView& view_;
  const Account* account_;
  nlohmann::json attributes_ = nlohmann::json::object();
  Edges held_;
  bool complete_ = true;                                 // every entitlement that rules name is known
  bool usable_ = true;                                   // what is created
  nlohmann::json immutable_ = nlohmann::json::object();  // path -> what the account has
  Change change_;
  bool said_ = false;  // what change_.act holds
  Decision decision_;
};

}  // namespace usher
