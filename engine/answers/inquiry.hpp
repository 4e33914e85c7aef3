#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/answers/state_copy.hpp"
#include "engine/desired/planning_input.hpp"
#include "engine/runtime/progress.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/model/plan.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// A configuration and a state that questions are asked of: nothing is written to either, no platform is
/// asked, no lock is taken and no run recorded. One thread.
class Inquiry {
 public:
  /// Throws CommandError(configuration_invalid) with all mistakes; StoreError when there is no state to read.
  explicit Inquiry(const CommonOptions& options);

  const Workspace& setup() const { return setup_; }
  Database& database() { return database_; }
  const PlanningInput& input() const { return input_; }

  /// The source that a platform is; nullptr: the rules read no people there.
  const Source* source(const std::string& platform) const;

  /// The entitlements of a platform by id, as it was last pulled, and those that are gone by their last name.
  const EntitlementNames& names(const std::string& platform);
  /// What a person recognises an account by.
  std::string label(const std::string& platform, const Account& account) const;

 private:
  Workspace setup_;
  Database database_;
  PlanningInput input_;
  std::map<std::string, EntitlementNames> names_;
};

/// What a configuration plans from the last pulls and from what usher wrote since, judged by its guards.
class Forecast {
 public:
  /// Throws CommandError(source_incomplete) when a
  /// source was never read. setup must outlive it. began: the time it plans for, RFC 3339; empty: now.
  Forecast(const Workspace& setup, const std::filesystem::path& state, Progress& progress,
           const std::string& began = {});

  /// Makes the plan as of so many days after the last pulls; in growing order when asked several times.
  Plan plan(int days = 0);

  Database& database() { return copy_.database(); }
  const PlanningInput& input() const { return input_; }

 private:
  const Workspace& setup_;
  Progress& progress_;
  StateCopy copy_;
  PlanningInput input_;
};

}  // namespace usher
