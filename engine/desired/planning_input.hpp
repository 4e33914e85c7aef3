#pragma once

#include <string>
#include <vector>

#include "engine/desired/source_records.hpp"
#include "engine/workspace/workspace.hpp"
#include "rules/rules.hpp"
#include "state/store/database.hpp"

namespace usher {

/// One platform that people have accounts on.
struct Target {
  std::string name;
  PlatformId platform{};
  const AccountProgram* program = nullptr;
  std::string salt;  ///< changes when what the platform can do, or the names of its entitlements, change
  std::string clock_doubt = {};  ///< why days of grace neither begin nor end; empty: they do
};

/// What deriving the wanted side needs; outlives every stage of one plan.
struct PlanningInput {
  std::vector<Source> sources;
  std::vector<Target> targets;
  const Rules* rules = nullptr;
  std::string rules_digest;   ///< changes when anything changes that decides what is wanted, snapshots aside
  std::string configuration;  ///< digest of the configuration alone
  cel::Moment now;            ///< when the run began, the same for all its parts
  std::string now_text;  ///< RFC 3339: of what a plan rests on in time: the same as `now` where a rule or a
                         ///< day of grace asks for it, else when the newest of the snapshots began

  /// Whether an expression reads `now`.
  bool evaluates_now() const;
  /// Whether the plan depends on the time at all.
  bool looks_at_the_clock() const;
};

/// Whether the rules let some time pass between leaving and losing the account.
bool gives_grace(const AccountRules& rules);
/// Whether they let time pass between anything and losing an account.
bool counts_days(const AccountRules& rules);

/// What a configuration and the state as it is say. A state that is only read leaves out platforms it has
/// never heard of.
///
/// began: when the run began, as now_text() writes it.
PlanningInput planning_input(Database& database, const Workspace& setup, const std::string& began);

}  // namespace usher
