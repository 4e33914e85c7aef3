#pragma once

#include <tbb/global_control.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/apply/remainder.hpp"
#include "engine/desired/planning_input.hpp"
#include "engine/session/asked_meanwhile.hpp"
#include "engine/session/run_record.hpp"
#include "engine/session/session.hpp"
#include "state/store/database.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// What the commands of one session share: the configuration, the state, and what its pulls came to.
struct Session::Implementation {
  Implementation(const CommonOptions& options, Progress& told, std::stop_token stopped);

  Connector& connector(const std::string& platform) { return *setup.connectors.at(platform); }
  std::map<std::string, Connector*> connectors();

  /// Begins a run under the name of whoever started this session.
  RunRecord begin(const char* command);

  bool is_needed(const std::string& platform);
  /// A configuration may grow: with platforms alone nobody is declared yet.
  void expect_people() const;
  PlanningInput input();
  /// What else could be done about a source that cannot be read.
  std::string way_out(const std::string& source);
  /// A plan that was saved rests on its sources too: one that is gone says that this is the wrong machine, or
  /// the wrong folder.
  void stop_for_missing_sources(const Plan& plan) const;
  /// People read from half a file, or from yesterday's, are no ground for a plan.
  void stop_for_failed_sources();
  std::vector<PullReport> reports_of_failed() const;
  /// Platforms that could not be read in this session, and why.
  std::map<std::string, std::string> unreadable() const;

  /// Judges a plan, keeps it in the state and closes the run that made it.
  void keep(Plan& plan, const PlanningInput& made_from, RunRecord& run,
            const std::vector<std::string>& only = {}, bool guarded = true);
  /// Notes what the plan costs on each platform.
  void count_requests(Plan& plan);
  /// Where days of grace are given, a wrong clock must not end them.
  void check_clock(PlanningInput& input);
  std::string accepted_until(const Note& note);
  /// What of a plan is left to do. Throws CommandError(plan_stale) when nothing is.
  Remainder remainder(const Plan& plan, const PlanningInput& input, std::int64_t run);
  /// Throws CommandError(plan_stale) where an approval that the plan rests on does not hold any more.
  void stop_for_ended_approvals(const Plan& plan);
  /// Throws CommandError(plan_stale) where the plan gives something to somebody who was offboarded since, or
  /// takes from somebody who was readmitted since.
  void stop_for_offboarded(const Plan& plan);
  ApplyReport carry_out(const Plan& plan, const PlanningInput& input, RunRecord& run,
                        const WaveRules& waves = {});
  /// What failed is still to be explained by the record that wants it: only a whole apply moves what later
  /// reasons are derived from.
  void remember_applied(const Plan& plan, const ApplyReport& report);
  /// One transaction and one run for what changes whose accounts are.
  template <class Change>
  std::vector<Relinked> relinked(const char* command, const Change& change);

  const std::string began;
  const CommonOptions options;
  Workspace setup;
  Database database;
  Progress& progress;
  std::stop_token stop;
  std::optional<tbb::global_control> threads;
  std::optional<AskedAt> asked;              // somebody was asked, and others could work meanwhile
  bool offline = false;                      // nothing is to be asked but what is planned
  std::map<std::string, PullReport> failed;  // pulls of this session that broke off
};

}  // namespace usher
