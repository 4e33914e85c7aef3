#include "engine/session/session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/apply/apply.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/credentials/credential_admin.hpp"
#include "engine/desired/desired_state.hpp"
#include "engine/plan/guard_basis.hpp"
#include "engine/plan/guards.hpp"
#include "engine/plan/offboarding.hpp"
#include "engine/plan/past_outcomes.hpp"
#include "engine/plan/plan_filter.hpp"
#include "engine/plan/planner.hpp"
#include "engine/pull/pull.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/time.hpp"
#include "engine/runtime/version.hpp"
#include "engine/session/clock_check.hpp"
#include "engine/session/conditions.hpp"
#include "engine/session/foreign_plan.hpp"
#include "engine/session/lost_secret_notes.hpp"
#include "engine/session/open_state.hpp"
#include "engine/session/run_record.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/acceptances.hpp"
#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/plans.hpp"
#include "state/store/retention.hpp"

namespace usher {

namespace {

Workspace open_workspace_or_throw(const CommonOptions& options) {
  auto setup = open_workspace(options, Secrets::resolve);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  return std::move(*setup);
}

/// Remembers the platforms on which everything that was not held is done: guards that need a history judge
/// them from now on.
void remember_settled(Database& database, const Plan& plan, const ApplyReport& report) {
  std::set<std::string> settled;
  for (const Seal& seal : plan.seals)
    if (seal.sealed) settled.insert(seal.platform);
  for (const Note& note : plan.notes)
    if (note.kind == NoteKind::not_read) settled.erase(note.platform);
  for (const OperationReport& trouble : report.troubles) settled.erase(trouble.operation.platform);
  for (const std::string& platform : settled) database.set_fact(fact_of_settled(platform), "1");
}

Retention retention_of(const Keep& keep) {
  Retention retention;
  retention.history_days = keep.history_days;
  retention.run_days = keep.run_days;
  retention.plan_bytes = keep.plan_bytes;
  return retention;
}

}  // namespace

struct Session::Implementation {
  Implementation(const CommonOptions& options, Progress& told, std::stop_token stopped)
      : setup(open_workspace_or_throw(options)),
        database(open_state(options.state.value_or(setup.config->state), options.lock_timeout, stopped)),
        progress(told),
        stop(std::move(stopped)) {
    if (options.threads > 0) {
      threads.emplace(tbb::global_control::max_allowed_parallelism, options.threads);
    }
  }

  Connector& connector(const std::string& platform) { return *setup.connectors.at(platform); }

  bool is_needed(const std::string& platform) {
    const auto state = Snapshots(database.connection()).platform(platform);
    if (!state || state->generation == 0 || !state->sealed || state->overtaken()) return true;
    const std::string signature = connector(platform).signature();
    return !signature.empty() && signature != state->source;
  }

  /// A configuration may grow: with platforms alone nobody is declared yet.
  void expect_people() const {
    if (setup.config->people.from.empty())
      throw CommandError(
          ExitCode::configuration_invalid,
          fmt::format("{} has no 'people' yet: nobody is declared, and nothing can be planned. "
                      "`usher init --from FILE` proposes them.",
                      setup.config->file.string()));
  }

  PlanningInput input() {
    expect_people();
    for (const std::string& name : setup.config->people.from) {
      if (Snapshots(database.connection()).platform(database.platform(name)).generation > 0) continue;
      throw CommandError(ExitCode::source_incomplete,
                         fmt::format("{} was never read: nobody is known. Run 'usher pull'.", name));
    }
    return planning_input(database, setup, began);
  }

  /// What else could be done about a source that cannot be read.
  std::string way_out(const std::string& source) {
    const auto state = Snapshots(database.connection()).platform(source);
    if (!state || state->accounts == 0) return {};
    return fmt::format(". {} records of earlier pulls are remembered: --offline plans from them.",
                       state->accounts);
  }

  /// A plan that was saved rests on its sources too: one that is gone says that this is the wrong machine, or
  /// the wrong folder.
  void stop_for_missing_sources() const {
    for (const LocalSource& source : local_sources(setup)) {
      std::error_code error;
      if (std::filesystem::exists(source.path, error)) continue;
      throw CommandError(ExitCode::unreachable,
                         fmt::format("Nothing is applied: {}, the file of {}, is not there ({}).",
                                     source.path.string(), source.platform, source.place.to_string()));
    }
  }

  /// People read from half a file, or from yesterday's, are no ground for a plan.
  void stop_for_failed_sources() {
    for (const std::string& source : setup.config->people.from) {
      const auto report = failed.find(source);
      if (report == failed.end()) continue;
      throw CommandError(conditions_of(reports_of_failed()),
                         fmt::format("Nothing is planned: {} could not be read: {}{}", source,
                                     describe(*report->second.failure), way_out(source)));
    }
  }

  std::vector<PullReport> reports_of_failed() const {
    std::vector<PullReport> reports;
    for (const auto& [name, report] : failed) reports.push_back(report);
    return reports;
  }

  /// Platforms that could not be read in this session, and why.
  std::map<std::string, std::string> unreadable() const {
    std::map<std::string, std::string> reasons;
    for (const auto& [platform, report] : failed) reasons.emplace(platform, describe(*report.failure));
    return reasons;
  }

  /// Judges a plan, keeps it in the state and closes the run that made it.
  void keep(Plan& plan, const PlanningInput& made_from, RunRecord& run,
            const std::vector<std::string>& only = {}, bool guarded = true) {
    plan.program = std::string(version());
    plan.state = database.identity();
    plan.rules = made_from.rules_digest;
    plan.now = made_from.now_text;
    if (guarded) review(plan, guard_basis(database, *setup.config, plan, made_from));
    for (Note& note : plan.notes) note.accepted_until = accepted_until(note);
    if (!only.empty()) keep_only(plan, only, database, made_from);
    plan.digest = Plans(database.connection()).put(now_text(), [&](const TextSink& sink) {
      write_content(plan, sink);
    });
    const nlohmann::json summary = {{"changes", plan.changes.size()}, {"plan", plan.digest}};
    run.end(exit_code(plan), summary.dump());
  }

  /// Where days of grace are given, a wrong clock must not end them.
  void check_clock(PlanningInput& input) {
    for (Target& target : input.targets) {
      if (offline || failed.contains(target.name) || !gives_grace(target.program->rules())) continue;
      target.clock_doubt = clock_doubt(connector(target.name), target.name, input.now.seconds, stop);
    }
  }

  /// One transaction and one run for what changes whose accounts are.
  template <class Change>
  std::vector<Relinked> relinked(const char* command, const Change& change) {
    RunRecord run(database, command, began);
    return run.during([&] {
      Transaction transaction(database.connection());
      const std::vector<Relinked> accounts = change();
      run.end(ExitCode::done, summary_of(accounts));
      transaction.commit();
      return accounts;
    });
  }

  std::string accepted_until(const Note& note) {
    if (severity_of(note.kind) != Severity::attention) return {};
    return Acceptances(database.connection()).until(id_of(note), now_text());
  }

  /// What of a plan is left to do. Throws CommandError(plan_stale) when nothing is.
  Remainder remainder(const Plan& plan, const PlanningInput& input, std::int64_t run) {
    const auto unsettled = settle(database, connectors(), run, stop);
    const PlanGround ground{{setup.config->people.from.begin(), setup.config->people.from.end()},
                            desired_is_current(database, input)};
    const Remainder left = remainder_of(database, plan, ground, unsettled, run);
    if (!left.complete(plan)) return left;
    throw CommandError(
        ExitCode::plan_stale,
        fmt::format("Run {} applied this plan; nothing of it is left to do. Make a new one with "
                    "'usher plan'.",
                    left.earlier_run));
  }

  ApplyReport carry_out(const Plan& plan, const PlanningInput& input, RunRecord& run) {
    const Remainder left = remainder(plan, input, run.id());
    std::map<std::string, ExecuteTarget> targets;
    for (const auto& [name, rules] : setup.config->accounts) targets[name] = {&connector(name), &rules};
    const ApplyReport report = execute(database, plan, left, targets, run.id(), progress, stop);
    remember_applied(plan, report);
    const nlohmann::json summary = {{"operations", named_counts(report)}, {"plan", report.plan}};
    run.end(exit_code(report, plan), summary.dump());
    return report;
  }

  /// What failed is still to be explained by the record that wants it: only a whole apply moves what later
  /// reasons are derived from.
  void remember_applied(const Plan& plan, const ApplyReport& report) {
    if (!plan.only.empty()) return;
    remember_settled(database, plan, report);
    if (!report.troubles.empty() || !plan.objections.empty()) return;
    for (const Seal& seal : plan.seals)
      database.set_fact("applied " + seal.platform, std::to_string(seal.generation));
    database.set_fact("applied rules", plan.rules);
  }

  std::map<std::string, Connector*> connectors() {
    std::map<std::string, Connector*> all;
    for (const auto& [name, connector] : setup.connectors) all[name] = connector.get();
    return all;
  }

  const std::string began = now_text();
  Workspace setup;
  Database database;
  Progress& progress;
  std::stop_token stop;
  std::optional<tbb::global_control> threads;
  bool offline = false;                      // nothing is to be asked but what is planned
  std::map<std::string, PullReport> failed;  // pulls of this session that broke off
};

Session::Session(const CommonOptions& options, Progress& progress, std::stop_token stop)
    : implementation_(std::make_unique<Implementation>(options, progress, std::move(stop))) {}

Session::~Session() = default;

std::vector<std::string> Session::targets() const {
  std::vector<std::string> names;
  for (const auto& [name, rules] : implementation_->setup.config->accounts) names.push_back(name);
  return names;
}

std::vector<PullReport> Session::pull(const std::vector<std::string>& platforms, Refresh refresh) {
  Implementation& self = *implementation_;
  self.offline = refresh == Refresh::nothing;
  std::vector<std::string> names = platforms;
  if (names.empty()) {
    for (const auto& [name, connector] : self.setup.connectors) names.push_back(name);
  }
  std::vector<PullTarget> targets;
  for (const std::string& name : names) {
    Connector& connector = connector_of(self.setup, name);
    const bool read = refresh == Refresh::all || (refresh == Refresh::needed && self.is_needed(name));
    if (read) targets.push_back({name, &connector});
  }
  if (targets.empty()) return {};
  RunRecord run(self.database, "pull", now_text());
  return run.during([&] {
    const std::vector<PullReport> reports = usher::pull(self.database, targets, self.progress, self.stop);
    run.end(exit_code(reports), "{}");
    for (const PullReport& report : reports) {
      self.failed.erase(report.platform);
      if (report.failure) self.failed.emplace(report.platform, report);
    }
    prune(self.database.connection(), retention_of(self.setup.config->keep), now_text());
    return reports;
  });
}

Plan Session::plan(const std::vector<std::string>& only) {
  Implementation& self = *implementation_;
  self.expect_people();
  self.stop_for_failed_sources();
  RunRecord run(self.database, "plan", now_text());
  return run.during([&] {
    const auto unsettled = settle(self.database, self.connectors(), run.id(), self.stop);
    PlanningInput input = self.input();
    self.check_clock(input);
    desire(self.database, input, self.progress);
    Plan plan = make_plan(self.database, input, self.unreadable(), self.progress);
    leave_out(plan, unsettled);
    heed_past_outcomes(plan, self.database, input);
    tell_lost_secrets(plan, self.database, *self.setup.config);
    self.keep(plan, input, run, only);
    return plan;
  });
}

Plan Session::offboarding(const std::string& person) {
  Implementation& self = *implementation_;
  const Plan usual = plan();
  const PlanningInput input = self.input();
  if (!knows(self.database, input, person)) {
    throw CommandError(ExitCode::usage,
                       fmt::format("Nobody has the key '{}': it is neither in {} nor remembered of anybody "
                                   "with an account.",
                                   person, fmt::join(self.setup.config->people.from, ", ")));
  }
  RunRecord run(self.database, "offboard", now_text());
  return run.during([&] {
    Plan plan = plan_offboarding(self.database, input, person, usual);
    self.keep(plan, input, run);
    return plan;
  });
}

Relinked Session::link(const std::string& person, const std::string& account, const std::string& platform) {
  Implementation& self = *implementation_;
  return self.relinked("link", [&] {
    return std::vector{link_account(self.database, self.setup, person, account, platform)};
  })[0];
}

Relinked Session::unlink(const std::string& person, const std::string& platform) {
  Implementation& self = *implementation_;
  return self.relinked(
      "unlink", [&] { return std::vector{unlink_account(self.database, self.setup, person, platform)}; })[0];
}

std::vector<Relinked> Session::relink(const std::vector<NewKey>& people) {
  Implementation& self = *implementation_;
  return self.relinked("relink", [&] { return relink_people(self.database, people); });
}

HeldCredentials Session::credentials(const CredentialQuery& holder) {
  Implementation& self = *implementation_;
  return held_credentials(self.database, self.setup, holder, self.stop);
}

Plan Session::credential_plan(const CredentialQuery& holder, OperationKind act, const std::string& id) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  RunRecord run(self.database, "credentials", now_text());
  return run.during([&] {
    Plan plan = plan_credential(self.database, self.setup, holder, act, id, self.stop);
    self.keep(plan, input, run);
    return plan;
  });
}

std::vector<HeldCredentials> Session::all_credentials(const std::string& platform, const std::string& kind) {
  Implementation& self = *implementation_;
  return all_held_credentials(self.database, self.setup, platform, kind, self.stop);
}

Plan Session::revocation_plan(const std::string& platform, const std::string& kind) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  RunRecord run(self.database, "credentials", now_text());
  return run.during([&] {
    Plan plan = plan_revocation(self.database, self.setup, platform, kind, self.stop);
    self.keep(plan, input, run, {}, false);
    return plan;
  });
}

ApplyReport Session::apply(const Plan& plan) {
  Implementation& self = *implementation_;
  self.stop_for_missing_sources();
  const PlanningInput input = self.input();
  stop_for_foreign_plan(self.database, plan, input);
  RunRecord run(self.database, "apply", now_text());
  return run.during([&] { return self.carry_out(plan, input, run); });
}

}  // namespace usher
