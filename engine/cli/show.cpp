#include <fmt/format.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/cli/commands.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/state.hpp"
#include "engine/report/report.hpp"
#include "engine/report/status_report.hpp"
#include "state/model/plan_parts_json.hpp"
#include "state/store/journal.hpp"
#include "state/store/plans.hpp"
#include "state/store/snapshots.hpp"

namespace usher::cli {

namespace {

/// The digest of the plan that a run made or applied; empty: none.
std::string plan_of(const RunState& run) {
  if (!run.plan.empty()) return run.plan;
  const auto summary = nlohmann::json::parse(run.summary, nullptr, false);
  return summary.is_object() ? summary.value("plan", "") : std::string();
}

/// Writes what --report and --output ask for beside text and JSON: the plan of the run, and what became of
/// it. False: the run is still to be printed.
bool showed_plan_of(const Call& call, const RunState& run, const std::vector<JournalEntry>& operations) {
  const std::string output = call.arguments.text("output");
  const bool prints = output != "text" && output != "json";
  if (!prints && !call.arguments.find("report")) return false;
  const std::string digest = plan_of(run);
  if (digest.empty())
    throw CommandError(
        ExitCode::usage,
        fmt::format("Run {} ({}) has no plan, so it is shown as text or json only.", run.id, run.command));
  const Plan plan = saved_plan(call, digest);
  const PlanOutcome outcome = outcome_of(plan, run, operations);
  const PlanOutcome* const carried_out = run.command == "plan" ? nullptr : &outcome;
  const auto code = run.exit_code ? static_cast<ExitCode>(*run.exit_code) : ExitCode::done;
  write_report_file(call, plan, code, carried_out);
  return printed_as_report(call, plan, code, carried_out);
}

/// The plan of a run; nullopt: it has none, or the state keeps it no more.
std::optional<Plan> kept_plan_of(const Call& call, Connection& connection, const RunState& run) {
  const std::string digest = plan_of(run);
  if (digest.empty() || Plans(connection).find(digest).empty()) return std::nullopt;
  return saved_plan(call, digest);
}

/// What groups are called: by the plan, else as of the last pulls.
EntitlementTitles titles_in(Connection& connection, const std::optional<Plan>& plan) {
  EntitlementTitles titles;
  Snapshots snapshots(connection);
  for (const PlatformState& platform : snapshots.platforms())
    for (const Entitlement& one : snapshots.entitlements(platform.platform))
      titles[{platform.name, one.kind, one.id}] = one.name;
  if (!plan) return titles;
  for (const Change& change : plan->changes)
    for (const MembershipChange& one : change.memberships)
      if (!one.name.empty()) titles[{change.platform, one.kind, one.entitlement}] = one.name;
  return titles;
}

/// Of a membership why somebody is in the group or out of it, else why the account changes.
OperationReasons reasons_in(const Plan& plan) {
  OperationReasons reasons;
  for (const Operation& operation : plan.operations) {
    const Change& change = plan.changes.at(operation.change);
    std::string& because = reasons[operation.id];
    because = change.because;
    for (const MembershipChange& one : change.memberships) {
      const bool same =
          one.kind == operation.membership.kind && one.entitlement == operation.membership.entitlement;
      if (same && !one.because.empty()) because = one.because;
    }
  }
  return reasons;
}

/// The operations of a run, and what of its plan never became one.
void show_run(const Call& call, Connection& connection, const RunState& run) {
  std::vector<JournalEntry> operations;
  Journal(connection).for_each_operation(run.id, [&](const JournalEntry& entry) {
    operations.push_back(entry);
  });
  if (showed_plan_of(call, run, operations)) return;
  const auto plan = kept_plan_of(call, connection, run);
  const EntitlementTitles titles = titles_in(connection, plan);
  const OperationReasons reasons = plan ? reasons_in(*plan) : OperationReasons();
  if (call.json()) {
    auto json = run_json(run, operations, ExitCode::done, titles, reasons);
    if (plan) json.update(nlohmann::ordered_json(withheld_json(*plan)));
    return call.print_json(json);
  }
  const TextStyle style = call.style(fmt::format("usher show --all {}", run.id));
  std::string text = run_text(run, operations, style, titles, reasons);
  if (plan) {
    text += withheld_text(*plan, style);
  } else if (const std::string digest = plan_of(run); !digest.empty()) {
    text += fmt::format(
        "\nThe state keeps plan {} no more: what a guard held and what was not done, and "
        "why, is not known.\n",
        digest.substr(0, 12));
  }
  call.show(text);
}

/// Runs have short numbers; a plan's digest is longer than any of them.
std::optional<std::int64_t> run_number(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// False: it names a plan.
bool showed_run(const Call& call, const std::string& what) {
  const auto number = run_number(what);
  if (!number || std::filesystem::exists(what)) return false;
  Database database = open_state(call);
  const auto run = Journal(database.connection()).run(*number);
  if (run) {
    show_run(call, database.connection(), *run);
  } else if (Plans(database.connection()).find(what).empty()) {
    throw CommandError(ExitCode::usage,
                       fmt::format("There is neither a run {0} nor a plan file '{0}' nor a "
                                   "plan whose digest begins so; `usher runs` lists the runs.",
                                   what));
  }
  return run.has_value();
}

ExitCode run_show(const Call& call) {
  const std::string& what = call.arguments.operands().front();
  check_report_file(call);
  if (showed_run(call, what)) return ExitCode::done;
  const Plan plan = saved_plan(call, what);
  write_report_file(call, plan, ExitCode::done);
  if (printed_as_report(call, plan, ExitCode::done)) return ExitCode::done;
  if (call.json()) {
    call.print_json(plan_json(plan, ExitCode::done), plan);
  } else {
    call.show(plan_text(plan, call.style("usher show --all " + what)));
  }
  return ExitCode::done;
}

constexpr std::array show_options{report_option, plan_output_option};
constexpr std::array show_operands{Operand{"PLAN|RUN", true}};

}  // namespace

const Command show_command{
    .name = "show",
    .summary = "show a plan, or a run and its outcome",
    .examples =
        "  usher show friday.plan            # a file that `usher plan --out` wrote\n"
        "  usher show --all 3f9a1c           # a plan the state keeps, by its digest\n"
        "  usher show --output json 17       # a run, by its number\n"
        "  usher show 3f9a1c --report plan.html\n"
        "  usher show 57 --report run.html   # what became of what a run planned\n",
    .about =
        "Shows a plan file, a plan that the state keeps, or a run: every operation of it, what a guard "
        "held, and what was not done or not read and why. Changes nothing. The state keeps the last "
        "plans and runs; `usher status` lists the runs.",
    .options = show_options,
    .operands = show_operands,
    .run = run_show,
};

}  // namespace usher::cli
