#include "state/store/status.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/notifying.hpp"
#include "engine/cli/planning.hpp"
#include "engine/cli/state.hpp"
#include "engine/report/status_check.hpp"
#include "engine/report/status_report.hpp"
#include "engine/runtime/deadline.hpp"
#include "engine/runtime/time.hpp"
#include "rules/config.hpp"
#include "state/store/error.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t runs_for_check = 1;  // the newest, which may not have ended

/// The platforms of the configuration; nullopt: there is no such file, and --state names the state.
std::optional<std::set<std::string>> configured_platforms(const Call& call) {
  const std::string file = call.arguments.text("config");
  if (call.arguments.find("state") && !std::filesystem::exists(file)) return std::nullopt;
  const auto config = load_config(file, Secrets::skip);
  if (!config) throw CommandError(ExitCode::configuration_invalid, to_string(config.error()));
  std::set<std::string> names;
  for (const auto& [name, settings] : config->platforms) names.insert(name);
  return names;
}

/// Leaves out platforms that are configured no more, and puts in those that were never pulled, unless none
/// was.
void keep_configured(Status& status, const std::set<std::string>& configured) {
  std::set<std::string> missing = configured;
  std::erase_if(status.platforms,
                [&](const Status::Platform& platform) { return missing.erase(platform.last.name) == 0; });
  if (status.platforms.empty()) return;
  for (const std::string& name : missing) {
    Status::Platform never;
    never.last.name = name;
    status.platforms.push_back(std::move(never));
  }
}

/// What a state that cannot be read is for a monitoring system.
CheckCode code_of(StoreErrorKind kind) {
  switch (kind) {
    case StoreErrorKind::foreign:
    case StoreErrorKind::newer:
    case StoreErrorKind::corrupt:
    case StoreErrorKind::full:
      return CheckCode::critical;
    case StoreErrorKind::locked:
    case StoreErrorKind::missing:
    case StoreErrorKind::older:
    case StoreErrorKind::failed:
      return CheckCode::unknown;
  }
  return CheckCode::unknown;
}

void write_asked_metrics(const Call& call, Database& database) {
  const auto file = call.arguments.find("metrics-file");
  if (!file) return;
  write_metrics(*file, [&] { return read_latest_status(database, now_text()); });
}

/// Writes them; why that failed, which hides nothing of what is checked.
std::vector<std::string> trouble_with_metrics(const Call& call, Database& database) {
  try {
    write_asked_metrics(call, database);
  } catch (const CommandError& error) {
    return {error.what()};
  }
  return {};
}

StatusCheck checked(const Call& call, std::int64_t max_age) {
  try {
    const auto configured = configured_platforms(call);
    Database database = open_state(call);
    Status status = read_status(database, runs_for_check, now_text());
    if (configured) keep_configured(status, *configured);
    const StatusCheck check =
        check_status(status, Journal(database.connection()).latest_runs(), seconds_of(now_text()), max_age,
                     trouble_with_metrics(call, database));
    notify_of_age(call, status);
    return check;
  } catch (const StoreError& error) {
    return check_unreadable(code_of(error.kind()), error.what());
  } catch (const CommandError& error) {  // a configuration with mistakes, with which no run does anything
    return check_unreadable(CheckCode::critical, error.what());
  }
}

/// Ends with the code of a monitoring plugin, which is none of usher's own.
ExitCode run_check(const Call& call) {
  if (call.json())
    throw CommandError(ExitCode::usage,
                       "--check prints one line for a monitoring system: give it without --output json, or "
                       "--output json without --check.");
  const auto max_age = duration_of(call.arguments.text("max-age"));
  if (!max_age)
    throw CommandError(ExitCode::usage,
                       fmt::format("--max-age is a number with s, m, h or d behind it, such as 26h, not "
                                   "'{}'.",
                                   escaped(call.arguments.text("max-age"))));
  const StatusCheck check = checked(call, max_age->count());
  call.print(check.line + "\n");
  return static_cast<ExitCode>(check.code);
}

ExitCode run_status(const Call& call) {
  if (call.arguments.flag("check")) return run_check(call);
  Database database = open_state(call);
  write_asked_metrics(call, database);
  const Status status = read_status(database, call.arguments.number("runs"), now_text());
  if (call.json()) {
    call.print_json(status_json(status, ExitCode::done));
  } else {
    call.show(status_text(status, now_text(), call.style()));
  }
  return ExitCode::done;
}

constexpr std::array status_options{
    Option{"runs", 0, "N", "how many of the last runs are shown", "10"},
    Option{"metrics-file", 0, "FILE", "also write the state to this file for Prometheus"},
    Option{"check",
           0,
           {},
           "one line with performance data, and the exit code of a monitoring plugin: 0, 1, 2 or 3"},
    Option{"max-age", 0, "DURATION", "--check: how old the last complete pull of a platform may be", "26h"},
};

}  // namespace

const Command status_command{
    .name = "status",
    .summary = "show what the state holds: snapshots, links, runs",
    .examples =
        "  usher status\n"
        "  usher status --output json | jq '.platforms[] | select(.sealed | not)'\n"
        "  usher status --check --max-age 26h     # for Nagios, Icinga, Sensu\n",
    .about =
        "Shows for every platform when it was last read completely (last good) and last read at all "
        "(last try), how many accounts it has and how many of them are linked to a person; then the last "
        "runs and how they ended; then operations that were sent and not confirmed. Reads only the "
        "state, also while another usher works on it.\n\n"
        "With --check it prints one line for a monitoring system and ends with 0 (OK), 1 (WARNING: the "
        "last pull or the last apply was done in part or held, or the outcome of an operation is not "
        "known), 2 (CRITICAL: a platform of the configuration was not read completely within --max-age, "
        "the last pull or the last apply failed, the state is damaged, or the configuration has "
        "mistakes) or 3 (UNKNOWN: there is no state, it cannot be read, or nothing was ever pulled). The "
        "last run of other commands, such as plan and offboard, counts until the next apply. It also "
        "sends the `stale` notifications that `notify` in the configuration defines.",
    .options = status_options,
    .operands = {},
    .run = run_status,
};

}  // namespace usher::cli
