#include "engine/migrate/export.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/cli/atomic_file.hpp"
#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/planning.hpp"
#include "state/store/database.hpp"

namespace usher::cli {

namespace {

DumpFormat format_of(const Arguments& arguments) {
  std::string name = arguments.text("format");
  if (name.empty()) name = std::filesystem::path(arguments.text("out")).extension().string();
  if (name == "json" || name == ".json") return DumpFormat::json;
  return name == "yaml" || name == ".yaml" || name == ".yml" ? DumpFormat::yaml : DumpFormat::csv;
}

/// Rules decide nothing here: where the configuration has none that can be used, its platforms are enough.
CommonOptions options_of(const Call& call, const std::string& platform) {
  CommonOptions options = call.common();
  if (!load_config(options.config, Secrets::skip))
    options.rules = RulesText{"dump", platforms_only(platform), {}};
  options.only = only_if_configured(options, platform);
  return options;
}

ExitCode pull(const Call& call, const CommonOptions& options, const std::string& platform) {
  Session session(options, call.progress, call.stop);
  const auto reports = session.pull({platform}, Refresh::all);
  if (call.stop.stop_requested()) throw CommandError(ExitCode::time_budget, "Interrupted while pulling.");
  const ExitCode code = exit_code(reports);
  for (const PullReport& report : reports) {
    if (report.failure)
      throw CommandError(code, fmt::format("{} could not be read, so nothing is written: {}", platform,
                                           describe(*report.failure)));
    if (!report.sealed)
      call.console.err << fmt::format("usher: not all of {} could be read: {}\n", platform,
                                      escaped(report.why_not));
  }
  return code;
}

ExitCode run_dump(const Call& call) {
  if (call.json() && !call.arguments.find("out"))
    throw CommandError(ExitCode::usage,
                       "Without --out the accounts themselves go to standard output: --format json writes "
                       "them as JSON, --output json goes with --out.");
  const std::string& name = call.arguments.operands().front();
  const CommonOptions options = options_of(call, name);
  const bool offline = call.arguments.flag("offline");
  auto setup = open_workspace(options, offline ? Secrets::skip : Secrets::resolve);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  const Capabilities& capabilities = connector_of(*setup, name).capabilities();
  const ExitCode code = offline ? ExitCode::done : pull(call, options, name);

  Database database(options.state.value_or(setup->config->state), Access::read);
  Snapshots snapshots(database.connection());
  const auto state = snapshots.platform(name);
  if (!state || state->generation == 0)
    throw CommandError(ExitCode::source_incomplete,
                       fmt::format("{} was never pulled; leave --offline out.", name));
  const Source source = source_of(name, state->platform, capabilities, database.connection());
  const auto file = call.arguments.find("out");
  if (!file) {
    // A file or a pipe gets the exact bytes; a terminal would obey some of them.
    const bool exact = !call.console.out_is_terminal;
    std::string line;
    const auto print = [&](std::string_view text) {
      if (exact) return call.print(text);
      line += text;
      const std::size_t end = line.rfind('\n') + 1;
      call.print(escaped_lines(std::string_view(line).substr(0, end)));
      line.erase(0, end);
    };
    dump(snapshots, source, capabilities.schema, format_of(call.arguments), print);
    call.print(escaped_lines(line));
    return code;
  }
  AtomicFile fresh(*file, "file");
  const std::uint64_t accounts = dump(snapshots, source, capabilities.schema, format_of(call.arguments),
                                      [&](std::string_view text) { fresh.write(text); });
  fresh.commit();
  if (call.json()) {
    call.print_json({{"report", "dump"},
                     {"exit", exit_json(code)},
                     {"platform", name},
                     {"file", *file},
                     {"accounts", accounts}});
  } else {
    call.print(fmt::format("Wrote {} of {} as of {} to {}.\n", pluralised(accounts, "account", "accounts"),
                           name, state->started_at, escaped(*file)));
  }
  return code;
}

constexpr std::array dump_options{
    Option{"format", 0, "csv|json|yaml", "the format; default: by the name of --out, else csv"},
    Option{.name = "out",
           .value = "FILE",
           .about = "write to this file, created when complete; a new file has mode 0600",
           .writes = true},
    Option{"offline", 0, {}, "write what the last pull read"},
    metrics_option,
};
constexpr std::array dump_operands{Operand{"PLATFORM", true}};

}  // namespace

const Command dump_command{
    .name = "dump",
    .summary = "write a platform's accounts to a file that can be a source",
    .examples =
        "  usher dump iot                       # CSV to standard output\n"
        "  usher dump iot --out iot.yaml        # or .json, .csv\n"
        "  usher dump iot --offline | wc -l     # of the last pull\n",
    .about =
        "Pulls a platform and writes its accounts, sorted by id: `id`, `active`, every attribute "
        "under its path, and the names of the groups (profiles, roles) each is in. The file is a "
        "source: JSON and YAML hold records as rules see those of the platform itself, so that the "
        "same rules work on both; in CSV several names stand in one cell with ';' between them, and "
        "what is neither text nor list is JSON. Secrets are never among them. The same accounts give "
        "the same bytes. On a terminal, characters that it would obey or not show are written as "
        "escapes; a file and a pipe get them as they are.\n\n"
        "A dump is exact: a text that begins with = + - or @ stands in it as the platform holds it, and a "
        "spreadsheet that opens the file takes it for a formula. What `--output csv` of other commands "
        "writes "
        "is for reading, and has ' before such a text; it is no source.\n\n"
        "A configuration with nothing but `platforms` is enough. Ends with 8 when the pull could not "
        "prove that it saw everything.",
    .options = dump_options,
    .operands = dump_operands,
    .run = run_dump,
};

}  // namespace usher::cli
