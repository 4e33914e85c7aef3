#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/cli/atomic_file.hpp"
#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/notifying.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/planning.hpp"
#include "engine/migrate/export.hpp"
#include "engine/migrate/proposal.hpp"
#include "engine/migrate/verification.hpp"
#include "engine/report/migration_report.hpp"
#include "engine/report/plan_summary.hpp"

namespace usher::cli {

namespace {

/// The rules a migration runs by, before it is known what the platforms hold.
struct Basis {
  std::string from, to;
  std::string key;  ///< expression of people.key; empty: none is configured
  std::optional<std::filesystem::path>
      state;                         ///< beside the configuration's own, when that is about other people
  std::optional<std::string> rules;  ///< given with --rules; nullopt with `configured` false: proposed
  bool configured = false;           ///< the configuration itself says how
};

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw CommandError(ExitCode::failed, fmt::format("The rules '{}' cannot be read: {}.", escaped(file),
                                                     std::strerror(errno)));
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string required(const Arguments& arguments, std::string_view option) {
  std::string name = arguments.text(option);
  if (name.empty())
    throw CommandError(ExitCode::usage, fmt::format("--{} is missing: the name of a platform.", option));
  return name;
}

Basis basis_of(const Call& call) {
  Basis basis{required(call.arguments, "from"), required(call.arguments, "to"), "", {}, {}, false};
  if (basis.from == basis.to) throw CommandError(ExitCode::usage, "--from and --to name the same platform.");
  if (const auto file = call.arguments.find("rules")) basis.rules = text_of(*file);
  const auto config = load_config(call.arguments.text("config"), Secrets::skip);
  if (!config) return basis;  // nothing but platforms, or a mistake that is reported with the rules in place
  if (config->people.from == std::vector{basis.from}) {
    basis.key = config->people.key.source;
    basis.configured = !basis.rules && config->accounts.count(basis.to) > 0;
    return basis;
  }
  const auto also = std::find(config->people.from.begin(), config->people.from.end(), basis.from);
  if (also != config->people.from.end()) basis.key = config->people.key.source;
  // Other people: their links must not be taken for those of this migration, nor these for theirs.
  basis.state = config->state;
  basis.state->replace_filename(fmt::format("{}.{}-to-{}{}", config->state.stem().string(), basis.from,
                                            basis.to, config->state.extension().string()));
  return basis;
}

CommonOptions options_with(const Call& call, const Basis& basis, const std::string& name,
                           const std::string& rules) {
  CommonOptions options = call.common();
  options.only = basis.to;
  options.rules = RulesText{name, rules, basis.state};
  return options;
}

/// What both platforms are read with: everybody is declared, nothing is wanted.
CommonOptions reading_options(const Call& call, const Basis& basis) {
  if (basis.configured) {
    CommonOptions options = call.common();
    options.only = basis.to;
    return options;
  }
  const std::string key = basis.key.empty() ? "record.id" : basis.key;
  return options_with(
      call, basis, "migration",
      fmt::format("people: {{from: {}, key: {}}}\naccounts: {{}}\n", basis.from, quoted_yaml(key)));
}

Workspace set_up_for(const CommonOptions& options, const Basis& basis, Secrets secrets) {
  auto setup = open_workspace(options, secrets);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  connector_of(*setup, basis.from);
  const Capabilities& can = connector_of(*setup, basis.to).capabilities();
  if (!can.create && can.updates.empty())
    throw CommandError(ExitCode::usage,
                       fmt::format("{} can only be read: nobody can be moved there.", basis.to));
  return std::move(*setup);
}

void read_both(const Call& call, Session& session, const std::vector<std::string>& platforms) {
  const auto reports = session.pull(platforms, Refresh::all);
  if (call.stop.stop_requested())
    throw CommandError(ExitCode::time_budget,
                       "Interrupted while pulling. Nothing was written to a platform.");
  for (const PullReport& report : reports) {
    if (!report.failure) continue;
    throw CommandError(
        usher::conditions_of(reports),
        fmt::format("Nobody is moved: {} could not be read: {}", report.platform, describe(*report.failure)));
  }
}

Side side_of(Connection& connection, const Workspace& setup, const std::string& name) {
  Snapshots snapshots(connection);
  const auto state = snapshots.platform(name);
  if (!state || state->generation == 0)
    throw CommandError(ExitCode::source_incomplete,
                       fmt::format("{} was never pulled; leave --offline out.", name));
  Side side;
  side.can = &setup.connectors.at(name)->capabilities();
  side.profile = profile(snapshots, source_of(name, state->platform, *side.can, connection), *side.can);
  side.entitlements = snapshots.entitlements(state->platform);
  return side;
}

Disabled disabled_of(const Arguments& arguments, const Side& to) {
  const std::string asked = arguments.text("disabled");
  if (asked.empty()) return Disabled::as_they_are;
  if (asked == "skip") return Disabled::left;
  if (!to.can->disable && !to.can->lock)
    throw CommandError(
        ExitCode::usage,
        fmt::format("--disabled lock: {} can neither disable nor lock an account.", to.profile.platform));
  return Disabled::locked;
}

Migration work_out(const Call& call, const Basis& basis, const Workspace& setup,
                   const std::filesystem::path& state) {
  Database database(state, Access::read);
  const Side from = side_of(database.connection(), setup, basis.from),
             to = side_of(database.connection(), setup, basis.to);
  if (basis.configured) return describe_given(from, to, "");
  if (basis.rules) return describe_given(from, to, *basis.rules);
  return propose(from, to,
                 {basis.key, call.arguments.text("first-secrets"), disabled_of(call.arguments, to)});
}

void write_id_map(const std::string& file, const Basis& basis, const Capabilities& can,
                  const std::filesystem::path& state) {
  Database database(state, Access::read);
  AtomicFile fresh(file, "id map");
  fresh.write("old id,new id,key,how\n");
  for_each_id(database, basis.from, basis.to, can, [&](const IdPair& pair) {
    fresh.write(csv_row({pair.old_id, pair.new_id, pair.key, to_string(pair.how)}));
  });
  fresh.commit();
}

/// Everything one migration knows on its way.
struct Report {
  const Migration& migration;
  Plan plan;
  std::optional<ApplyReport> applied;
  std::optional<Verification> parity;
};

Conditions conditions_of(const Report& report) {
  Conditions result;
  if (report.applied) result.add(usher::conditions_of(*report.applied, report.plan));
  if (!report.applied && !report.parity) result.add(usher::conditions_of(report.plan));
  if (report.parity && !report.parity->clean()) result.add(ExitCode::done_in_part);
  return result;
}

ExitCode finish(const Call& call, const Report& report) {
  Conditions conditions = conditions_of(report);
  std::optional<PlanOutcome> outcome;
  if (report.applied) outcome = outcome_of(report.plan, *report.applied);
  const PlanOutcome* became = outcome ? &*outcome : nullptr;
  const std::string problem = try_report_file(call, report.plan, conditions, became);
  if (!problem.empty()) call.say_problem(problem);
  const ExitCode code = ended(call, conditions);
  if (printed_as_report(call, report.plan, code, became) || !call.json()) return code;
  nlohmann::ordered_json out{
      {"report", "migrate"}, {"exit", exit_json(code)}, {"conditions", conditions_json(conditions)}};
  out.update(migration_json(report.migration));
  out["reopened"] = reopened(report.migration, report.plan);
  out["plan"] = plan_json(report.plan, usher::conditions_of(report.plan));
  out["apply"] = report.applied ? apply_json(*report.applied, report.plan,
                                             usher::conditions_of(*report.applied, report.plan))
                                : nlohmann::ordered_json(nullptr);
  out["parity"] = report.parity ? parity_json(*report.parity) : nlohmann::ordered_json(nullptr);
  call.print_json(out, report.plan);
  return code;
}

/// Where standard output gets something else, whoever is asked reads it on standard error.
void say(const Call& call, const std::string& text) {
  const bool asks = !call.arguments.flag("yes") && !call.arguments.flag("dry-run");
  if (call.wants_text() || asks)
    (call.wants_text() ? call.console.out : call.console.err) << text << std::flush;
}

/// Plans, asks, applies, reads the new platform back and compares.
ExitCode carry_out(const Call& call, const Basis& basis, const Workspace& setup, const Migration& migration,
                   const CommonOptions& options, const std::filesystem::path& state, RunNews& news) {
  Session session(options, call.progress, call.stop);
  Report report{migration, session.plan(), {}, {}};
  say(call, "\n" + reopened_text(migration, report.plan, call.style()) + plan_text(call, report.plan));
  if (call.arguments.flag("dry-run")) return finish(call, report);
  const bool anything =
      held_operations(report.plan) < report.plan.operations.size() || !report.plan.links.empty();
  if (anything) {
    if (!call.arguments.flag("yes") && !agreed(call, session, apply_question(report.plan))) {
      call.console.err << "Nothing was applied.\n";
      return ExitCode::changes_pending;
    }
    report.applied = session.apply(report.plan);
    news.end({}, report.plan, *report.applied);
    say(call, "\n" + apply_text(*report.applied, report.plan,
                                call.style(fmt::format("usher show --all {}", report.applied->run))));
    if (report.applied->interrupted) return finish(call, report);
    read_both(call, session, {basis.to});
  }
  const Plan after = anything ? session.plan() : report.plan;
  {
    Database database(state, Access::read);
    report.parity = parity(database, basis.from, basis.to, after);
  }
  if (const auto file = call.arguments.find("id-map"))
    write_id_map(*file, basis, setup.connectors.at(basis.to)->capabilities(), state);
  say(call, "\n" + parity_text(migration, *report.parity,
                               call.style(fmt::format("usher migrate --from {} --to {} --all", basis.from,
                                                      basis.to))));
  return finish(call, report);
}

ExitCode migrate(const Call& call, RunNews& news) {
  const Arguments& arguments = call.arguments;
  const bool only_rules = arguments.flag("print-config"), writes = !only_rules && !arguments.flag("dry-run");
  if (writes && !arguments.flag("yes") && !call.console.in_is_terminal)
    throw CommandError(
        ExitCode::usage,
        "Standard input is not a terminal, so nobody can be asked whether to go on. Look with --dry-run "
        "first, then give --yes.");
  if (writes && arguments.flag("offline"))
    throw CommandError(ExitCode::usage,
                       "--offline goes with --dry-run and --print-config: what is applied is read anew.");
  const bool printed = call.wants_text() || call.json();
  if (only_rules && (arguments.find("report") || !printed))
    throw CommandError(
        ExitCode::usage,
        "--print-config makes no plan that a report could show: leave out --report, and --output "
        "markdown, html and csv.");
  check_report_file(call);
  if (const auto file = arguments.find("id-map")) expect_writable(*file, "id map");
  const Basis basis = basis_of(call);
  CommonOptions options = reading_options(call, basis);
  const Workspace setup =
      set_up_for(options, basis, arguments.flag("offline") ? Secrets::skip : Secrets::resolve);
  const std::filesystem::path state = options.state.value_or(setup.config->state);
  if (call.metrics != nullptr) call.metrics->state = state;
  if (!arguments.flag("offline")) {
    Session session(options, call.progress, call.stop);
    read_both(call, session, {basis.from, basis.to});
  }
  const Migration migration = work_out(call, basis, setup, state);
  if (only_rules) {
    call.print(fmt::format(
        "# How {} becomes {}: the sections of an ordinary configuration. Change what is wrong, then\n"
        "# usher migrate --from {} --to {} --rules THIS-FILE\n\n{}",
        basis.from, basis.to, basis.from, basis.to, migration.rules));
    return ExitCode::done;
  }
  say(call, migration_text(migration, call.style()));
  if (!basis.configured)
    options = options_with(call, basis, arguments.find("rules").value_or("migration"), migration.rules);
  return carry_out(call, basis, setup, migration, options, state, news);
}

ExitCode run_migrate(const Call& call) {
  return notifying(
      call, "migrate", [&](RunNews& news) { return migrate(call, news); }, NewsScope::changes);
}

constexpr std::array migrate_options{
    Option{"from", 0, "PLATFORM", "where people are now; may be a file"},
    Option{"to", 0, "PLATFORM", "the platform to move them to"},
    Option{"dry-run", 'n', {}, "compute everything and write to no platform"},
    Option{"yes", 'y', {}, "apply without asking"},
    Option{"rules", 0, "FILE",
           "a file with the sections `people` and `accounts` to use instead of the proposal"},
    Option{"print-config", 0, {}, "print the proposed rules, to edit and give with --rules"},
    Option{"disabled", 0, "lock|skip",
           "disabled accounts: lock them where they cannot be disabled, or skip them"},
    Option{
        .name = "id-map", .value = "FILE", .about = "write old and new ids to this CSV file", .writes = true},
    Option{.name = "first-secrets",
           .value = "FILE",
           .about = "add the first secrets of new accounts to this file of mode 0600",
           .writes = true},
    Option{"offline", 0, {}, "work out from the last pulls; not for applying"},
    report_option,
    plan_output_option,
    metrics_option,
};

}  // namespace

const Command migrate_command{
    .name = "migrate",
    .summary = "move everybody from one platform to another, and compare",
    .examples =
        "  usher migrate --from iot --to flows --dry-run     # everything but the writing\n"
        "  usher migrate --from iot --to flows --id-map ids.csv\n"
        "  usher migrate --from iot --to flows --print-config > rules.yaml\n"
        "  usher migrate --from iot --to flows --rules rules.yaml\n",
    .about =
        "Reads both platforms and reports what they hold: how many accounts, which attributes are "
        "filled and how many values differ. Then it proposes who is who, with the collisions it "
        "measured, and what becomes of each attribute and group; and says what cannot come along, and "
        "why. What it proposes is an ordinary configuration: --print-config prints it, --rules takes "
        "a changed one, and where the configuration's own `people` come from that platform alone and "
        "`accounts` has rules for the other, those hold.\n\n"
        "Then it plans, asks, applies and reads the new platform back for a parity report: who is "
        "there, who is missing, what differs. Nothing is taken away from anybody on either platform. "
        "Accounts that are disabled arrive disabled; where the new platform cannot hold such they are "
        "not moved, unless --disabled lock has them arrive locked. A migration that was interrupted "
        "goes on where it stopped when it is started again; one that is finished has nothing to do.\n\n"
        "The state is the configuration's own. Where its people come from elsewhere it is a file "
        "beside that, named after both platforms.\n\n"
        "A report (--report, --output html, markdown or csv) tells what was planned and what became of it; "
        "what "
        "the platforms hold, what cannot come along and the parity stand in the text and in JSON.\n\n"
        "Ends with 0 when everybody is there as wanted, with 2 after --dry-run when somebody would be "
        "moved, with 3 when somebody is missing or differs.",
    .options = migrate_options,
    .operands = {},
    .run = run_migrate,
};

}  // namespace usher::cli
