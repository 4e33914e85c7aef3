#include "engine/session/implementation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "connectors/redactor.hpp"
#include "engine/apply/apply.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/desired/desired_state.hpp"
#include "engine/plan/approval_signers.hpp"
#include "engine/plan/changed_rules.hpp"
#include "engine/plan/guard_basis.hpp"
#include "engine/plan/guards.hpp"
#include "engine/plan/plan_filter.hpp"
#include "engine/plan/reversal.hpp"
#include "engine/plan/staying_out.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"
#include "engine/runtime/version.hpp"
#include "engine/session/clock_check.hpp"
#include "engine/session/held_in_a_row.hpp"
#include "engine/session/open_state.hpp"
#include "engine/session/run_origin.hpp"
#include "engine/session/undo.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/acceptances.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/plans.hpp"

namespace usher {

namespace {

Workspace open_workspace_or_throw(const CommonOptions& options) {
  auto setup = open_workspace(options, Secrets::resolve);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  return std::move(*setup);
}

std::map<std::string, std::uint64_t> held_by_platform(const Plan& plan) {
  std::map<std::string, std::uint64_t> held;
  for (const Operation& operation : plan.operations)
    if (operation.held) ++held[operation.platform];
  return held;
}

/// Under which approvals something of it is done.
std::set<std::string> approvals_of(const Plan& plan) {
  std::set<std::string> approvals;
  for (const Operation& operation : plan.operations)
    if (!operation.held) approvals.insert(operation.approvals.begin(), operation.approvals.end());
  return approvals;
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

/// A gate inherits the environment that secrets may come from.
void redact_gates(ApplyReport& report, const Workspace& setup) {
  Redactor redactor;
  for (const auto& [name, settings] : setup.config->platforms)
    for (const auto& [option, setting] : settings.options) {
      redactor.add(setting.secret.reveal());
      for (const Secret& part : setting.parts) redactor.add(part.reveal());
    }
  for (WaveReport& wave : report.waves)
    if (wave.gate) wave.gate->output = redactor.clean(wave.gate->output);
}

}  // namespace

Session::Implementation::Implementation(const CommonOptions& given, Progress& told, std::stop_token stopped)
    : began(now_text()),
      options(given),
      setup(open_workspace_or_throw(options)),
      database(open_state(options.state.value_or(setup.config->state), options.lock_timeout, stopped)),
      progress(told),
      stop(std::move(stopped)) {
  if (options.threads > 0) {
    threads.emplace(tbb::global_control::max_allowed_parallelism, options.threads);
  }
}

RunRecord Session::Implementation::begin(const char* command) {
  return RunRecord(database, command, now_text(), run_origin(setup.config->digest));
}

bool Session::Implementation::is_needed(const std::string& platform) {
  const auto state = Snapshots(database.connection()).platform(platform);
  if (!state || state->generation == 0 || !state->sealed || state->overtaken()) return true;
  const std::string signature = connector(platform).signature();
  return !signature.empty() && signature != state->source;
}

void Session::Implementation::expect_people() const {
  if (setup.config->people.from.empty())
    throw CommandError(ExitCode::configuration_invalid,
                       fmt::format("{} has no 'people' yet: nobody is declared, and nothing can be planned. "
                                   "`usher init --from FILE` proposes them.",
                                   setup.config->file.string()));
}

PlanningInput Session::Implementation::input() {
  expect_people();
  for (const std::string& name : setup.config->people.from) {
    if (Snapshots(database.connection()).platform(database.platform(name)).generation > 0) continue;
    throw CommandError(ExitCode::source_incomplete,
                       fmt::format("{} was never read: nobody is known. Run 'usher pull'.", name));
  }
  return planning_input(database, setup, began);
}

std::string Session::Implementation::way_out(const std::string& source) {
  const auto state = Snapshots(database.connection()).platform(source);
  if (!state || state->accounts == 0) return {};
  const bool one = state->accounts == 1;
  return fmt::format(". {} of earlier pulls {} remembered: --offline plans from {}.",
                     pluralised(state->accounts, "record", "records"), one ? "is" : "are",
                     one ? "it" : "them");
}

void Session::Implementation::stop_for_missing_sources(const Plan& plan) const {
  for (const LocalSource& source : local_sources(setup)) {
    const bool rests =
        std::ranges::any_of(plan.seals, [&](const Seal& seal) { return seal.platform == source.platform; });
    std::error_code error;
    if (!rests || std::filesystem::exists(source.path, error)) continue;
    throw CommandError(ExitCode::unreachable,
                       fmt::format("Nothing is applied: {}, the file of {}, is not there ({}).",
                                   source.path.string(), source.platform, source.place.to_string()));
  }
}

void Session::Implementation::stop_for_failed_sources() {
  for (const std::string& source : setup.config->people.from) {
    const auto report = failed.find(source);
    if (report == failed.end()) continue;
    throw CommandError(conditions_of(reports_of_failed()),
                       fmt::format("Nothing is planned: {} could not be read: {}{}", source,
                                   describe(*report->second.failure), way_out(source)));
  }
}

std::vector<PullReport> Session::Implementation::reports_of_failed() const {
  std::vector<PullReport> reports;
  for (const auto& [name, report] : failed) reports.push_back(report);
  return reports;
}

std::map<std::string, std::string> Session::Implementation::unreadable() const {
  std::map<std::string, std::string> reasons;
  for (const auto& [platform, report] : failed) reasons.emplace(platform, describe(*report.failure));
  return reasons;
}

void Session::Implementation::keep(Plan& plan, const PlanningInput& made_from, RunRecord& run,
                                   const std::vector<std::string>& only, bool guarded) {
  mark_reversals(plan, made_from);
  plan.program = std::string(version());
  plan.state = database.identity();
  plan.rules = made_from.rules_digest;
  plan.now = made_from.now_text;
  if (options.tells_guards) plan.guards.emplace();
  if (guarded) review(plan, guard_basis(database, *setup.config, plan, made_from));
  for (Note& note : plan.notes) note.accepted_until = accepted_until(note);
  if (!only.empty()) keep_only(plan, only, database, made_from);
  count_requests(plan);
  plan.digest =
      Plans(database.connection()).put(now_text(), [&](const TextSink& sink) { write_content(plan, sink); });
  nlohmann::json summary = {{"changes", plan.changes.size()},
                            {"held", held_operations(plan)},
                            {"held-on", held_by_platform(plan)},
                            {"plan", plan.digest}};
  if (is_of_everybody(plan)) {
    std::map<std::string, std::uint64_t> found;
    for (const NewLink& link : plan.links) ++found[link.platform];
    summary["links"] = found;
  }
  run.end(exit_code(plan), summary.dump());
}

void Session::Implementation::count_requests(Plan& plan) {
  std::map<std::string, std::vector<const Operation*>> sent;
  for (const Operation& operation : plan.operations)
    if (!operation.held) sent[operation.platform].push_back(&operation);
  plan.costs.clear();
  for (const auto& [platform, operations] : sent) {
    const auto entitlements = Snapshots(database.connection()).entitlements(database.platform(platform));
    const RequestCost cost = connector(platform).cost(operations, entitlements);
    if (cost.requests > 0) plan.costs.emplace(platform, cost);
  }
}

void Session::Implementation::check_clock(PlanningInput& input) {
  for (Target& target : input.targets) {
    if (offline || failed.contains(target.name) || !counts_days(target.program->rules())) continue;
    target.clock_doubt = clock_doubt(connector(target.name), target.name, input.now.seconds, stop);
  }
}

std::string Session::Implementation::accepted_until(const Note& note) {
  if (severity_of(note.kind) != Severity::attention) return {};
  return Acceptances(database.connection()).until(id_of(note), now_text());
}

Remainder Session::Implementation::remainder(const Plan& plan, const PlanningInput& input, std::int64_t run) {
  const auto unsettled = settle(database, connectors(), run, stop);
  const PlanGround ground{{setup.config->people.from.begin(), setup.config->people.from.end()},
                          desired_is_current(database, input)};
  const Remainder left = remainder_of(database, plan, ground, unsettled, run);
  if (!left.complete(plan)) return left;
  throw CommandError(ExitCode::plan_stale,
                     fmt::format("Run {} applied this plan; nothing of it is left to do. Make a new one with "
                                 "'usher plan'.",
                                 left.earlier_run));
}

void Session::Implementation::stop_for_ended_approvals(const Plan& plan) {
  const bool any = std::ranges::any_of(
      plan.operations, [](const Operation& operation) { return !operation.approvals.empty(); });
  if (!any) return;
  const auto holding = admitting_approvals(database, setup.config->approvals, now_text(), true);
  for (const Operation& operation : plan.operations) {
    if (operation.approvals.empty() || operation.held) continue;
    const auto [first, last] = holding.equal_range(approval_digest(operation));
    for (const std::string& told : operation.approvals) {
      const bool holds =
          std::any_of(first, last, [&](const auto& one) { return one.second.is_told_by(told); });
      if (holds) continue;
      throw CommandError(ExitCode::plan_stale,
                         fmt::format("The plan is stale: {} ended, was revoked or is not signed by enough of "
                                     "those who may sign. Make a new one with 'usher plan'.",
                                     told));
    }
  }
}

void Session::Implementation::stop_for_offboarded(const Plan& plan) {
  OffboardedPeople people(database.connection());
  std::string made_at = Plans(database.connection()).created_at(plan.digest);
  if (made_at.empty()) made_at = plan.now;  // earlier: of the pulls
  std::set<std::string> back = people.ended_since(made_at);
  std::map<std::string, Offboarded> kept;
  for (Offboarded& one : people.all(now_text())) {
    back.erase(one.person);
    if (!one.left || one.since >= made_at) kept.emplace(one.person, std::move(one));
  }
  for (const Operation& operation : plan.operations) {
    if (operation.held) continue;
    if (takes_away(operation.kind) && back.contains(operation.person))
      throw CommandError(
          ExitCode::plan_stale,
          fmt::format("The plan is stale: it takes something from {}, who was readmitted since. "
                      "Make a new one with 'usher plan'.",
                      operation.person));
    const auto found = gives_access(operation) ? kept.find(operation.person) : kept.end();
    if (found == kept.end()) continue;
    throw CommandError(
        ExitCode::plan_stale,
        fmt::format("The plan is stale: it gives something to {0}, who {1}. Make a new one with "
                    "'usher plan'; 'usher readmit {0}' lets {0} have it.",
                    found->first, found->second.text()));
  }
}

ApplyReport Session::Implementation::carry_out(const Plan& plan, const PlanningInput& input, RunRecord& run,
                                               const WaveRules& waves) {
  stop_for_ended_approvals(plan);
  stop_for_offboarded(plan);
  const Remainder left = remainder(plan, input, run.id());
  std::map<std::string, ExecuteTarget> targets;
  for (const auto& [name, rules] : setup.config->accounts) targets[name] = {&connector(name), &rules};
  if (plan.undoes != 0) begin_undo(database, plan, run.id(), left.earlier_run);
  ApplyReport report = execute(database, plan, left, targets, waves, run.id(), progress, stop);
  redact_gates(report, setup);
  if (is_of_everybody(plan)) report.held = count_held(database, plan, began);
  if (plan.undoes == 0)
    remember_applied(plan, report);
  else
    conclude_undo(database, plan, report);
  nlohmann::json summary = {{"held", held_operations(plan)},
                            {"held-on", held_by_platform(plan)},
                            {"operations", named_counts(report)},
                            {"plan", report.plan}};
  if (const std::set<std::string> approvals = approvals_of(plan); !approvals.empty())
    summary["approvals"] = approvals;
  summary.update(waves_summary(report));
  run.end(exit_code(report, plan), summary.dump());
  return report;
}

void Session::Implementation::remember_applied(const Plan& plan, const ApplyReport& report) {
  if (!plan.only.empty()) return;
  remember_settled(database, plan, report);
  if (!report.troubles.empty() || !plan.objections.empty()) return;
  for (const Seal& seal : plan.seals)
    database.set_fact("applied " + seal.platform, std::to_string(seal.generation));
  database.set_fact("applied rules", plan.rules);
  database.set_fact("applied configuration", setup.config->digest);
  remember_applied_rules(database, *setup.config);
}

std::map<std::string, Connector*> Session::Implementation::connectors() {
  std::map<std::string, Connector*> all;
  for (const auto& [name, connector] : setup.connectors) all[name] = connector.get();
  return all;
}

}  // namespace usher
