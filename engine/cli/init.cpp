#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "connectors/files/csv_sample.hpp"
#include "engine/cli/commands.hpp"
#include "engine/migrate/first_configuration.hpp"
#include "engine/workspace/workspace.hpp"
#include "rules/init.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t most_rows = 100'000;  // that are looked at

[[noreturn]] void fail(const std::string& file) {
  const int why = errno;
  if (why == EEXIST)
    throw CommandError(ExitCode::failed,
                       fmt::format("'{0}' is there already and is left as it is. Write to another file with "
                                   "`usher init --config FILE`, or check this one with `usher validate`.",
                                   escaped(file)));
  throw CommandError(ExitCode::failed,
                     fmt::format("'{}' cannot be written: {}.", escaped(file), std::strerror(why)));
}

/// Creates the file; one that exists is an error, also when it appears in the same instant.
void write_new(const std::string& file, std::string_view text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(file);
  const auto written = write(descriptor, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size());
  if (close(descriptor) != 0 || !whole) {
    const int why = errno;
    unlink(file.c_str());
    errno = why;
    fail(file);
  }
}

/// The platform's connector, without its address and its secrets: only what it can do is asked.
std::unique_ptr<Connector> connector_for(const ConnectorKind& kind, const std::string& url,
                                         const ConnectorContext& context) {
  Settings settings;
  settings.platform = settings.connector = kind.name;
  for (const usher::Option& option : kind.options) {
    if (option.name == "url") {
      settings.options["url"].text = url.empty() ? "https://" + kind.name + ".example.com" : url;
    } else if (kind.needs(option)) {
      Setting& setting = settings.options[option.name];
      setting.is_secret = setting.pending = true;
      setting.secret = Secret("${env:UNKNOWN}");
    }
  }
  auto made = make_connector(settings, context);
  if (made) return std::move(*made);
  throw CommandError(ExitCode::usage,
                     "--to " + escaped(kind.name) + ": " + escaped(made.error().front().message));
}

/// The kind, with an option that it needs to create accounts as a required one.
ConnectorKind able_to_create(const ConnectorKind& kind, const std::string& url,
                             const ConnectorContext& context) {
  if (connector_for(kind, url, context)->capabilities().create) return kind;
  for (std::size_t i = 0; i < kind.options.size(); ++i) {
    if (kind.needs(kind.options[i]) || kind.options[i].type != "string") continue;
    ConnectorKind more = kind;
    more.options[i].required = true;
    if (connector_for(more, url, context)->capabilities().create) return more;
  }
  return kind;
}

struct Beginning {
  std::string text;
  std::vector<std::string> variables;  ///< of the environment, that it names
};

/// A configuration for a file of people and a platform, proposed from what stands in the file.
Beginning proposed_configuration(const Call& call, const std::string& from) {
  const std::string to = call.arguments.text("to");
  if (to.empty())
    throw CommandError(ExitCode::usage,
                       "--from needs --to CONNECTOR: `usher connector list` tells which there are.");
  const ConnectorContext context = connector_context(call.common());
  const auto kind = find_connector_kind(to, context);
  if (!kind || !kind->target)
    throw CommandError(ExitCode::usage,
                       fmt::format("--to {}: there is no connector of that name that can write; "
                                   "`usher connector list` tells which there are.",
                                   escaped(to)));
  const std::filesystem::path beside = std::filesystem::absolute(call.arguments.text("config")).parent_path();
  const auto sample = sample_csv(from, most_rows);
  if (!sample)
    throw CommandError(ExitCode::usage,
                       fmt::format("--from {}: {}.", escaped(from), escaped(sample.error())));
  FirstConfigurationInput input;
  input.path = std::filesystem::absolute(from).lexically_relative(beside).string();
  if (input.path.empty() || input.path.starts_with(".."))
    input.path = std::filesystem::absolute(from).string();
  input.delimiter = sample->delimiter;
  input.encoding = sample->encoding;
  input.skip_rows = sample->skip_rows;
  input.columns = sample->columns;
  input.rows = sample->rows;
  input.to = to;
  input.url = call.arguments.text("url");
  input.kind = able_to_create(*kind, input.url, context);
  const auto connector = connector_for(input.kind, input.url, context);
  input.can = &connector->capabilities();
  return {first_configuration(input), first_variables(to, input.kind)};
}

/// What comes next, for a person.
std::string next_steps(const std::string& file, const std::vector<std::string>& variables) {
  const std::string with_file = file == "usher.yaml" ? "" : fmt::format(", both with --config {}", file);
  return fmt::format("Wrote {}. Next: edit it, set {}, then `usher validate` and `usher plan`{}.\n",
                     escaped(file),
                     variables.empty() ? "the variables that its secrets name"
                                       : fmt::format("{} in the environment", fmt::join(variables, ", ")),
                     escaped(with_file));
}

ExitCode run_init(const Call& call) {
  const std::string file = call.arguments.text("config");
  const auto from = call.arguments.find("from");
  if (!from && (call.arguments.find("to") || call.arguments.find("url")))
    throw CommandError(ExitCode::usage, "--to and --url go with --from FILE.");
  const Beginning beginning =
      from ? proposed_configuration(call, *from) : Beginning{commented_configuration(), {}};
  write_new(file, beginning.text);
  if (call.json()) {
    call.print_json({{"report", "init"}, {"exit", exit_json(ExitCode::done)}, {"file", file}});
  } else {
    call.print(next_steps(file, beginning.variables));
  }
  return ExitCode::done;
}

constexpr std::array init_options{
    Option{"from", 0, "FILE", "a CSV file of people: propose rules that fit its header and rows"},
    Option{"to", 0, "CONNECTOR", "with --from: the kind of platform that accounts are wanted on"},
    Option{"url", 0, "URL", "with --from: where that platform is"},
};

}  // namespace

const Command init_command{
    .name = "init",
    .summary = "write a commented configuration to start from",
    .examples =
        "  usher init                        # writes usher.yaml\n"
        "  usher init --config staging.yaml\n"
        "  usher init --from people.csv --to acme --url https://iot.example.com\n",
    .about =
        "Writes a configuration to start from: where the platforms are, who should exist, and what each "
        "person has where; docs/configuration.md describes every key. With --from it reads the header "
        "and the rows of a CSV file and proposes the key, the attributes, how accounts are matched, with "
        "measured collisions, and who is active, each with the reason. A proposal never disables or "
        "deletes anybody. No request is sent. An existing file is never overwritten.",
    .options = init_options,
    .operands = {},
    .run = run_init,
};

}  // namespace usher::cli
