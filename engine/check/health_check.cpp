#include "engine/check/health_check.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "engine/desired/entitlement_names.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/time.hpp"
#include "rules/capability_fallbacks.hpp"
#include "state/model/exception_text.hpp"
#include "state/model/worker_thread.hpp"
#include "state/store/scan.hpp"
#include "state/store/secret_spool.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/status.hpp"

namespace usher {

namespace {

using Findings = std::vector<Finding>;
using Level = Finding::Level;

constexpr std::int64_t clock_tolerance = 60;  // seconds
constexpr std::size_t days_until_old = 2;

/// The seconds between our clock and the one a Date header tells; nullopt when it tells none.
std::optional<std::int64_t> clock_difference(const std::string& header) {
  std::istringstream stream(header);
  date::sys_seconds theirs;
  stream >> date::parse("%a, %d %b %Y %H:%M:%S GMT", theirs);
  if (stream.fail()) return std::nullopt;
  const auto ours = date::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return (theirs - ours).count();
}

/// The entitlements that rules of one platform name, as the last pull knows them.
std::vector<Entitlement> named_by_rules(const AccountProgram* program,
                                        const std::vector<Entitlement>& known) {
  std::vector<Entitlement> named;
  if (program == nullptr || !program->rules().groups) return named;
  const EntitlementNames names(known);
  std::set<std::pair<std::string, std::string>> ids;
  for (const GroupRule& rule : *program->rules().groups) {
    if (const auto id = names.id_of(rule.kind, rule.name)) ids.insert({rule.kind, *id});
  }
  for (const Entitlement& one : known) {
    if (ids.count({one.kind, one.id}) > 0) named.push_back(one);
  }
  return named;
}

/// Groups that rules name and that the platform does not have, or has several of.
void about_groups(const AccountProgram& program, const std::vector<Entitlement>& known, Findings& out) {
  if (known.empty() || !program.rules().groups) return;  // never pulled: nothing to hold them against
  const EntitlementNames names(known);
  for (const GroupRule& rule : *program.rules().groups) {
    const auto id = names.id_of(rule.kind, rule.name);
    if (!id)
      out.push_back({Level::bad, program.rules().platform, "group",
                     fmt::format("{}: {}", rule.place.to_string(), id.error()), ExitCode::failed});
  }
}

void about_choices(const AccountProgram& program, Findings& out) {
  const std::string& name = program.rules().platform;
  for (const CapabilityFallback& choice : capability_fallbacks(program)) {
    out.push_back({choice.chosen == "report" ? Level::warning : Level::good, name, "choice", choice.message});
  }
  const bool discards = program.rules().first_secret.handover == FirstSecret::Handover::discard;
  if (program.capabilities().first_secret && program.rules().create && discards) {
    out.push_back({Level::warning, name, "choice",
                   "secrets of new accounts are thrown away: nobody can log in with one before a reset; say "
                   "where they go with credentials.first"});
  }
}

Finding unreachable(const std::string& name, const Failure& failure) {
  const bool refused = failure.kind == FailureKind::refused || failure.kind == FailureKind::denied;
  const ExitCode code = refused                                    ? ExitCode::credentials_refused
                        : failure.kind == FailureKind::unreachable ? ExitCode::unreachable
                                                                   : ExitCode::failed;
  return {Level::bad, name, refused ? "identity" : "reachable", describe(failure), code};
}

Findings examine_platform(const std::string& name, Connector& connector, const AccountProgram* program,
                          const std::vector<Entitlement>& known, std::stop_token stop) {
  Findings out;
  const auto probe = connector.probe(named_by_rules(program, known), std::move(stop));
  if (!probe) {
    out.push_back(unreachable(name, probe.error()));
  } else {
    out.push_back({Level::good, name, "reachable", "answers and accepts the credentials"});
    if (!probe->self.empty())
      out.push_back(
          {Level::good, name, "identity", "usher works as " + probe->self + ", which it never harms"});
    if (const auto seconds = clock_difference(probe->date)) {
      const bool far = std::abs(*seconds) > clock_tolerance;
      out.push_back({far ? Level::warning : Level::good, name, "clock",
                     far ? fmt::format("its clock is {} s {} ours; one of them is wrong", std::abs(*seconds),
                                       *seconds > 0 ? "ahead of" : "behind")
                         : std::string("its clock agrees with ours")});
    }
    if (!probe->hidden.empty())
      out.push_back({Level::bad, name, "sees-everything", probe->hidden, ExitCode::source_incomplete});
    for (const Probe::Permission& permission : probe->permissions) {
      out.push_back({permission.allowed ? Level::good : Level::bad, name, "permission",
                     permission.allowed ? "may change who is in " + permission.what
                                        : fmt::format("may not change who is in {}: {}", permission.what,
                                                      permission.why_not),
                     permission.allowed ? ExitCode::done : ExitCode::failed});
    }
  }
  if (program != nullptr) about_groups(*program, known, out);
  if (program != nullptr) about_choices(*program, out);
  return out;
}

void about_snapshots(const Status& status, const Workspace& setup, Findings& out) {
  const std::int64_t now = seconds_of(now_text());
  for (const auto& [name, connector] : setup.connectors) {
    const auto found = std::find_if(status.platforms.begin(), status.platforms.end(),
                                    [&, n = name](const auto& each) { return each.last.name == n; });
    if (found == status.platforms.end() || found->last.generation == 0) {
      out.push_back({Level::warning, name, "snapshot", "was never pulled; `usher pull` reads it"});
    } else if (!found->last.sealed) {
      out.push_back({Level::warning, name, "snapshot",
                     "the last pull proves nothing about who is absent: " + found->last.why_not});
    } else if (now - seconds_of(found->last.ended_at) > static_cast<std::int64_t>(days_until_old) * 86400) {
      out.push_back({Level::warning, name, "snapshot", "the last pull is of " + found->last.ended_at});
    }
  }
}

/// What the stored accounts of all platforms are damaged by; empty: nothing. Reading them compares each with
/// its digest.
std::string damage_of_accounts(Database& state) {
  Snapshots snapshots(state.connection());
  try {
    for (const PlatformState& platform : snapshots.platforms()) {
      for (const RowSlice& slice : snapshots.row_slices(platform.platform, 1))
        snapshots.for_each_alive(slice, [](const AccountView&) {});
      AccountScan packed(state.connection(), platform.platform, key_slices(1).front());
      while (packed.next()) {
      }
    }
  } catch (const StoreError& error) {
    if (error.kind() != StoreErrorKind::corrupt) throw;
    return error.what();
  }
  return {};
}

/// A file that others on this machine can read or change. holds: what is in it. Nothing where there is none.
void about_readers(const std::string& about, const std::filesystem::path& file, const char* holds,
                   Findings& out) {
  using std::filesystem::perms;
  std::error_code none;
  const auto status = std::filesystem::status(file, none);
  if (!std::filesystem::exists(status)) return;
  if ((status.permissions() & (perms::group_all | perms::others_all)) == perms::none) return;
  out.push_back({Level::bad, about, "file",
                 fmt::format("{0} holds {1}, and others on this machine can read or change it: chmod 600 {0}",
                             file.string(), holds),
                 ExitCode::failed});
}

void about_state(Database& state, const Workspace& setup, Findings& out) {
  Statement check = state.connection().prepare("pragma quick_check(1)");
  const std::string verdict = check.step() ? std::string(check.text(0)) : "no answer";
  if (verdict == "ok") {
    out.push_back({Level::good, "state", "file", state.file().string() + " is whole"});
  } else {
    out.push_back({Level::bad, "state", "file",
                   fmt::format("{} is damaged: {}; restore it from a backup, or move it away and pull anew",
                               state.file().string(), verdict),
                   ExitCode::failed});
  }
  about_readers("state", state.file(), "data of people", out);
  about_readers("state", state.file().string() + "-wal", "data of people", out);
  about_readers("state", SecretSpool::beside(state.file()), "secrets", out);
  if (const std::string damage = damage_of_accounts(state); !damage.empty())
    out.push_back({Level::bad, "state", "accounts", damage, ExitCode::failed});
  const Status status = read_status(state, 0, now_text());
  about_snapshots(status, setup, out);
  const std::uint64_t open = status.open_operations.unsent + status.open_operations.uncertain;
  if (open == 0) {
    out.push_back({Level::good, "state", "open", "no operation is open"});
  } else {
    out.push_back({Level::warning, "state", "open",
                   fmt::format("{} {} whose outcome is not known; the next run settles {} by reading back",
                               with_separators(open), open == 1 ? "operation" : "operations",
                               open == 1 ? "it" : "them")});
  }
}

}  // namespace

std::vector<Finding> examine(const Workspace& setup, Database* state, std::stop_token stop) {
  struct Visit {
    std::string name;
    Connector* connector;
    const AccountProgram* program;
    std::vector<Entitlement> known;
    Findings found;
  };
  std::vector<Visit> visits;
  for (const auto& [name, connector] : setup.connectors) {
    const auto& programs = setup.rules->accounts();
    const auto program = programs.find(name);
    Visit visit{name, connector.get(), program == programs.end() ? nullptr : &program->second, {}, {}};
    if (state != nullptr) {
      Snapshots snapshots(state->connection());
      if (const auto last = snapshots.platform(name)) visit.known = snapshots.entitlements(last->platform);
    }
    visits.push_back(std::move(visit));
  }
  {
    std::vector<WorkerThread> askers;
    for (Visit& visit : visits) {
      askers.emplace_back([&visit, stop](const std::stop_token&) {
        try {
          visit.found = examine_platform(visit.name, *visit.connector, visit.program, visit.known, stop);
        } catch (const std::exception& error) {  // a thread has nobody to throw to
          visit.found = {{Level::bad, visit.name, "connection", text_of(error), ExitCode::failed}};
        }
      });
    }
  }
  Findings all;
  for (const auto& [name, program] : setup.rules->accounts()) {
    const FirstSecret& first = program.rules().first_secret;
    if (first.handover == FirstSecret::Handover::file) about_readers(name, first.target, "secrets", all);
  }
  for (Visit& visit : visits) std::move(visit.found.begin(), visit.found.end(), std::back_inserter(all));
  for (const Diagnostic& warning : setup.warnings)
    all.push_back({Level::warning, "configuration", "file",
                   fmt::format("{}: {}", warning.place.to_string(), warning.message)});
  if (state == nullptr) {
    all.push_back({Level::warning, "state", "file", "there is none yet; `usher pull` makes one"});
  } else {
    about_state(*state, setup, all);
  }
  return all;
}

ExitCode exit_code(const std::vector<Finding>& findings) {
  ExitCode worst = ExitCode::done;
  for (const Finding& finding : findings) {
    if (finding.level == Level::bad && static_cast<int>(finding.code) > static_cast<int>(worst))
      worst = finding.code;
  }
  return worst;
}

}  // namespace usher
