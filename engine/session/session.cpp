#include "engine/session/session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/apply/apply.hpp"
#include "engine/apply/first_secrets.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/credentials/credential_admin.hpp"
#include "engine/desired/desired_state.hpp"
#include "engine/plan/guards.hpp"
#include "engine/plan/offboarding.hpp"
#include "engine/plan/past_outcomes.hpp"
#include "engine/plan/plan_filter.hpp"
#include "engine/plan/planner.hpp"
#include "engine/pull/pull.hpp"
#include "engine/runtime/time.hpp"
#include "engine/runtime/version.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"
#include "state/store/plans.hpp"
#include "state/store/retention.hpp"

namespace usher {

namespace {

Workspace open_workspace_or_throw(const CommonOptions& options) {
  auto setup = open_workspace(options, Secrets::resolve);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  return std::move(*setup);
}

Database open_state(const std::filesystem::path& file) {
  try {
    return Database(file, Access::write, "usher");
  } catch (const StoreError& error) {
    throw CommandError(error.kind() == StoreErrorKind::locked ? ExitCode::locked : ExitCode::failed,
                       error.what());
  }
}

}  // namespace

struct Session::Implementation {
  Implementation(const CommonOptions& options, Progress& told, std::stop_token stopped)
      : setup(open_workspace_or_throw(options)),
        database(open_state(options.state.value_or(setup.config->state))),
        progress(told),
        stop(std::move(stopped)) {
    if (options.threads > 0) {
      threads.emplace(tbb::global_control::max_allowed_parallelism, options.threads);
    }
  }

  Connector& connector(const std::string& platform) { return *setup.connectors.at(platform); }

  bool is_needed(const std::string& platform) {
    const auto state = Snapshots(database.connection()).platform(platform);
    if (!state || state->generation == 0 || !state->sealed || state->written_at > state->started_at)
      return true;
    const std::string signature = connector(platform).signature();
    return !signature.empty() && signature != state->source;
  }

  PlanningInput input() {
    for (const std::string& name : setup.config->people.from) {
      if (Snapshots(database.connection()).platform(database.platform(name)).generation > 0) continue;
      throw CommandError(ExitCode::source_incomplete,
                         fmt::format("{} was never read: nobody is known. Run 'usher pull'.", name));
    }
    return planning_input(database, setup);
  }

  /// People read from half a file, or from yesterday's, are no ground for a plan.
  void stop_for_failed_sources() const {
    for (const std::string& source : setup.config->people.from) {
      const auto report = failed.find(source);
      if (report == failed.end()) continue;
      throw CommandError(exit_code(std::vector<PullReport>{report->second}),
                         fmt::format("Nothing is planned: {} could not be read: {}", source,
                                     describe(*report->second.failure)));
    }
  }

  /// Judges a plan, keeps it in the state and closes the run that made it.
  void keep(Plan& plan, const PlanningInput& made_from, std::int64_t run,
            const std::vector<std::string>& only = {}, bool guarded = true) {
    plan.program = std::string(version());
    plan.rules = made_from.rules_digest;
    plan.now = made_from.now_text;
    std::map<std::string, std::uint64_t> population;
    for (const Target& target : made_from.targets) {
      population[target.name] = Links(database.connection()).count(target.platform);
    }
    for (const NewLink& link : plan.links) ++population[link.platform];
    if (guarded) review(plan, setup.config->accounts, population);
    if (!only.empty()) keep_only(plan, only, database, made_from);
    plan.digest = Plans(database.connection()).put(now_text(), [&](const TextSink& sink) {
      write_content(plan, sink);
    });
    const nlohmann::json summary = {{"changes", plan.changes.size()}, {"plan", plan.digest}};
    Journal(database.connection())
        .end_run(run, static_cast<int>(exit_code(plan)), summary.dump(), now_text());
  }

  std::map<std::string, Connector*> connectors() {
    std::map<std::string, Connector*> all;
    for (const auto& [name, connector] : setup.connectors) all[name] = connector.get();
    return all;
  }

  Workspace setup;
  Database database;
  Progress& progress;
  std::stop_token stop;
  std::optional<tbb::global_control> threads;
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
  Journal journal(self.database.connection());
  std::vector<PullReport> reports;
  if (!targets.empty()) {
    const std::int64_t run = journal.begin_run("pull", now_text());
    reports = usher::pull(self.database, targets, self.progress, self.stop);
    journal.end_run(run, static_cast<int>(exit_code(reports)), "{}", now_text());
    for (const PullReport& report : reports) {
      self.failed.erase(report.platform);
      if (report.failure) self.failed.emplace(report.platform, report);
    }
    prune(self.database.connection(), Retention{}, now_text());
  }
  return reports;
}

Plan Session::plan(const std::vector<std::string>& only) {
  Implementation& self = *implementation_;
  self.stop_for_failed_sources();
  Journal journal(self.database.connection());
  const std::int64_t run = journal.begin_run("plan", now_text());
  auto unreadable = settle(self.database, self.connectors(), run, self.stop);
  for (const auto& [platform, report] : self.failed) unreadable.emplace(platform, describe(*report.failure));
  const PlanningInput input = self.input();
  desire(self.database, input, self.progress);
  Plan plan = make_plan(self.database, input, unreadable, self.progress);
  heed_past_outcomes(plan, self.database, input);
  for (const LostSecret& lost : LostSecrets(self.database.connection()).all()) {
    const auto rules = self.setup.config->accounts.find(lost.platform);
    if (rules == self.setup.config->accounts.end() || !is_handed_over(rules->second.first_secret)) continue;
    plan.notes.push_back(
        {lost.platform, lost.person, lost.account, "secret-lost",
         fmt::format("its first secret is lost, renew it: usher credentials rotate {} --only {}",
                     lost.platform, lost.person)});
  }
  self.keep(plan, input, run, only);
  return plan;
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
  const std::int64_t run = Journal(self.database.connection()).begin_run("offboard", now_text());
  Plan plan = plan_offboarding(self.database, input, person, usual);
  self.keep(plan, input, run);
  return plan;
}

HeldCredentials Session::credentials(const CredentialQuery& holder) {
  Implementation& self = *implementation_;
  return held_credentials(self.database, self.setup, holder, self.stop);
}

Plan Session::credential_plan(const CredentialQuery& holder, OperationKind act, const std::string& id) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  const std::int64_t run = Journal(self.database.connection()).begin_run("credentials", now_text());
  Plan plan = plan_credential(self.database, self.setup, holder, act, id, self.stop);
  self.keep(plan, input, run);
  return plan;
}

std::vector<HeldCredentials> Session::all_credentials(const std::string& platform, const std::string& kind) {
  Implementation& self = *implementation_;
  return all_held_credentials(self.database, self.setup, platform, kind, self.stop);
}

Plan Session::revocation_plan(const std::string& platform, const std::string& kind) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  const std::int64_t run = Journal(self.database.connection()).begin_run("credentials", now_text());
  Plan plan = plan_revocation(self.database, self.setup, platform, kind, self.stop);
  self.keep(plan, input, run, {}, false);
  return plan;
}

ApplyReport Session::apply(const Plan& plan) {
  Implementation& self = *implementation_;
  if (self.input().rules_digest != plan.rules) {
    throw CommandError(
        ExitCode::plan_stale,
        "The plan is stale: the configuration, a recipe, this program or the groups of a platform changed "
        "since it was made. Make a new one with 'usher plan'.");
  }
  Snapshots snapshots(self.database.connection());
  for (const Seal& seal : plan.seals) {
    const auto state = snapshots.platform(seal.platform);
    if (!state || state->generation < seal.generation) {
      throw CommandError(ExitCode::plan_stale,
                         fmt::format("The plan was made from another state: it knows snapshot {} of "
                                     "{}, this state has {}.",
                                     seal.generation, seal.platform, state ? state->generation : 0));
    }
  }
  Journal journal(self.database.connection());
  const std::int64_t run = journal.begin_run("apply", now_text());
  settle(self.database, self.connectors(), run, self.stop);
  std::map<std::string, ExecuteTarget> targets;
  for (const auto& [name, rules] : self.setup.config->accounts)
    targets[name] = {&self.connector(name), &rules};
  const ApplyReport report = execute(self.database, plan, targets, run, self.progress, self.stop);
  const bool whole = report.troubles.empty() && plan.objections.empty() && plan.only.empty();
  for (const Seal& seal : plan.seals) {  // what failed is still to be explained by the record that wants it
    if (whole) self.database.set_fact("applied " + seal.platform, std::to_string(seal.generation));
  }
  const nlohmann::json summary = {{"operations", report.counts}, {"plan", report.plan}};
  journal.end_run(run, static_cast<int>(exit_code(report, plan)), summary.dump(), now_text());
  return report;
}

namespace {

/// Whether something of the plan cannot be done, and nobody chose that.
bool somebody_must_look(const Plan& plan) {
  return std::any_of(plan.notes.begin(), plan.notes.end(), [](const Note& note) {
    return note.kind == "refused" || note.kind == "not-held" || note.kind == "secret-lost";
  });
}

}  // namespace

ExitCode exit_code(const Plan& plan) {
  if (std::any_of(plan.seals.begin(), plan.seals.end(), [](const Seal& seal) { return !seal.sealed; })) {
    return ExitCode::source_incomplete;
  }
  if (!plan.objections.empty()) return ExitCode::lane_held;
  if (!plan.changes.empty()) return ExitCode::changes_pending;
  return somebody_must_look(plan) ? ExitCode::done_in_part : ExitCode::done;
}

ExitCode exit_code(const std::vector<PullReport>& reports) {
  ExitCode code = ExitCode::done;
  for (const PullReport& report : reports) {
    if (!report.read || report.sealed) continue;
    const auto kind = report.failure ? report.failure->kind : FailureKind::malformed;
    if (kind == FailureKind::refused) return ExitCode::credentials_refused;
    const bool nothing_came = report.pages == 0 && kind == FailureKind::unreachable;
    if (code != ExitCode::source_incomplete) {
      code = nothing_came ? ExitCode::unreachable : ExitCode::source_incomplete;
    }
  }
  return code;
}

ExitCode exit_code(const ApplyReport& report, const Plan& plan) {
  std::uint64_t done = 0;
  for (const auto& [platform, states] : report.counts) {
    const auto found = states.find("done");
    if (found != states.end()) done += found->second;
  }
  const bool stale = std::any_of(report.troubles.begin(), report.troubles.end(),
                                 [](const OperationReport& trouble) { return trouble.stale; });
  if (stale) return ExitCode::plan_stale;
  if (report.interrupted && !report.troubles.empty()) return ExitCode::time_budget;
  if (!report.troubles.empty()) return done > 0 ? ExitCode::done_in_part : ExitCode::failed;
  const ExitCode planned = exit_code(plan);
  if (planned != ExitCode::changes_pending) return planned;
  return somebody_must_look(plan) ? ExitCode::done_in_part : ExitCode::done;
}

}  // namespace usher
