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
};

/// What deriving the wanted side needs; outlives every stage of one plan.
struct PlanningInput {
  std::vector<Source> sources;
  std::vector<Target> targets;
  const Rules* rules = nullptr;
  std::string rules_digest;  ///< changes when anything changes that decides what is wanted, snapshots aside
  cel::Moment now;  ///< when the newest of the snapshots began: not the clock, so that a plan can be repeated
  std::string now_text;  ///< the same as RFC 3339
};

/// What a configuration and the state as it is say. A state that is only read leaves out platforms it has
/// never heard of.
PlanningInput planning_input(Database& database, const Workspace& setup);

}  // namespace usher
