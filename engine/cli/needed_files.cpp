#include "engine/cli/needed_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "connectors/registry.hpp"
#include "engine/cli/approval_signing.hpp"
#include "engine/cli/atomic_file.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/workspace/workspace.hpp"
#include "rules/config.hpp"
#include "rules/config/references.hpp"

namespace usher::cli {

namespace {

namespace fs = std::filesystem;

/// A file, and what it is to the command.
using Needed = std::pair<fs::path, std::string>;

void add_state(std::vector<Needed>& needed, const fs::path& state) {
  needed.emplace_back(state, "the state");
  for (const char* ending : {".lock", "-wal", "-shm", "-journal", ".secrets", ".notified"})
    needed.emplace_back(state.string() + ending, "a part of the state");
}

/// Of ${file:…}, with `mark` "${file:"; nullopt: it refers to something else.
std::optional<std::string> referred(const std::string& reference, std::string_view mark) {
  if (!reference.starts_with(mark)) return std::nullopt;
  return reference.substr(mark.size(), reference.size() - mark.size() - 1);
}

/// The files of ${file:…} and ${cred:…} in a setting that was not resolved.
void add_secret_files(std::vector<Needed>& needed, const Settings& settings, const Setting& setting) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  const std::string what = "a secret of platform '" + settings.platform + "'";
  for (const Secret& part : setting.parts) {
    if (!setting.pending) continue;
    if (const auto file = referred(part.reveal(), "${file:"))
      needed.emplace_back(fs::path(settings.directory) / *file, what);
    if (const auto name = referred(part.reveal(), "${cred:"); name && credentials != nullptr)
      needed.emplace_back(fs::path(credentials) / *name, what);
  }
}

/// The text of a setting that is no secret, also where it takes something from the environment; nullopt: only
/// a command or a file says it.
std::optional<std::string> plain_text(const Settings& settings, const Setting& setting) {
  if (!setting.is_secret) return setting.text;
  const bool simple = std::all_of(setting.parts.begin(), setting.parts.end(),
                                  [](const Secret& part) { return part.reveal().starts_with("${env:"); });
  if (!setting.pending || !simple) return std::nullopt;
  const auto resolved = resolve_references(setting.secret.reveal(), settings.directory, true);
  return resolved ? std::optional(resolved->text) : std::nullopt;
}

/// The options of a connector that name files; none where its recipe has mistakes, with which the command
/// ends.
std::vector<std::string> path_options(const std::string& connector, const ConnectorContext& context) {
  std::vector<std::string> names;
  try {
    if (const auto kind = find_connector_kind(connector, context))
      for (const auto& option : kind->options)
        if (option.type == "path") names.push_back(option.name);
  } catch (const std::runtime_error&) {
  }
  return names;
}

void add_platform(std::vector<Needed>& needed, const Settings& settings, const ConnectorContext& context) {
  for (const std::string& name : path_options(settings.connector, context)) {
    const auto option = settings.options.find(name);
    const auto file = option == settings.options.end() ? std::nullopt : plain_text(settings, option->second);
    if (file)
      needed.emplace_back(fs::path(settings.directory) / *file,
                          "what platform '" + settings.platform + "' reads");
  }
  for (const auto& [name, setting] : settings.options) add_secret_files(needed, settings, setting);
  for (const std::string& folder : context.recipe_folders)
    needed.emplace_back(fs::path(folder) / (settings.connector + ".yaml"),
                        "the recipe of platform '" + settings.platform + "'");
}

void add_configured(std::vector<Needed>& needed, const Config& config, const ConnectorContext& context) {
  add_state(needed, config.state);
  for (const auto& [name, settings] : config.platforms) add_platform(needed, settings, context);
  for (const auto& [name, rules] : config.accounts)
    if (rules.first_secret.handover == FirstSecret::Handover::file)
      needed.emplace_back(rules.first_secret.target, "the file of first secrets of " + name);
  if (!config.approvals.signers.empty())
    needed.emplace_back(config.approvals.signers, "the file of allowed signers");
  for (const RuleTest& test : config.tests)
    if (!test.records.empty()) needed.emplace_back(test.records, "what the test '" + test.name + "' reads");
}

/// Both halves of a key: either may be named.
void add_key(std::vector<Needed>& needed, const fs::path& key) {
  needed.emplace_back(key, "a key");
  needed.emplace_back(key.string() + ".pub", "a key");
  if (key.extension() == ".pub") needed.emplace_back(fs::path(key).replace_extension(), "a key");
}

/// What the command line itself has the command read.
void add_given(std::vector<Needed>& needed, const Arguments& arguments, std::span<const Option> options) {
  for (const Option& option : options) {
    const bool read = option.value == "FILE" && !option.writes && option.name != metrics_option.name &&
                      option.name != "state";
    const auto file = read ? arguments.find(option.name) : std::nullopt;
    if (file) needed.emplace_back(*file, fmt::format("what --{} reads", option.name));
    if (option.name == metrics_option.name && arguments.find(option.name))
      needed.emplace_back(arguments.text(option.name), "what --metrics-file writes");
    if (option.name == sign_with_option.name && arguments.find(option.name))
      add_key(needed, arguments.text(option.name));
  }
  for (const std::string& operand : arguments.operands()) {
    std::error_code none;
    if (fs::is_regular_file(operand, none)) needed.emplace_back(operand, "what the command is given");
  }
}

/// What a command needs, as far as it is known.
struct NeededFiles {
  std::vector<Needed> files;
  std::string mistakes;  ///< of a configuration: what it names is not known
};

void add_configuration(NeededFiles& needed, const CommonOptions& options, const std::string& file) {
  std::error_code none;
  const auto config = load_config(file, Secrets::skip);
  if (config) {
    add_configured(needed.files, *config, connector_context(options));
  } else if (fs::exists(file, none)) {
    needed.mistakes += to_string(config.error());
  }
}

NeededFiles needed_by(const Call& call, std::span<const Option> options) {
  const CommonOptions common = call.common();
  NeededFiles needed{{{common.config, "the configuration"}}, ""};
  if (common.state) add_state(needed.files, *common.state);
  add_configuration(needed, common, common.config.string());
  // `impact` reads a second configuration.
  const auto is_edited = [](const Option& option) { return option.name == "new"; };
  if (const auto edited = std::ranges::find_if(options, is_edited); edited != options.end())
    if (const auto file = call.arguments.find(edited->name)) add_configuration(needed, common, *file);
  add_given(needed.files, call.arguments, options);
  return needed;
}

/// Also where nothing stands there yet.
bool same_file(const fs::path& one, const fs::path& other) {
  std::error_code error;
  if (fs::equivalent(one, other, error)) return true;
  const fs::path first = fs::weakly_canonical(fs::absolute(one, error), error);
  if (error) return false;
  const fs::path second = fs::weakly_canonical(fs::absolute(other, error), error);
  return !error && first == second;
}

}  // namespace

void spare_needed_files(const Call& call, std::span<const Option> options) {
  std::optional<NeededFiles> needed;
  for (const Option& option : options) {
    const auto given = option.writes ? call.arguments.find(option.name) : std::nullopt;
    if (!given) continue;
    if (!needed) needed = needed_by(call, options);
    const fs::path file = where_links_lead(*given);
    const auto found = std::find_if(needed->files.begin(), needed->files.end(),
                                    [&](const Needed& one) { return same_file(file, one.first); });
    if (found != needed->files.end())
      throw CommandError(ExitCode::usage,
                         fmt::format("--{}: '{}' is not written, for it is {}; give another name.",
                                     option.name, escaped(*given), found->second));
    std::error_code none;
    if (!needed->mistakes.empty() && fs::is_regular_file(file, none))
      throw CommandError(
          ExitCode::configuration_invalid,
          fmt::format(
              "{}\nWith mistakes in the configuration it is not known which files it needs, so '{}' is "
              "not replaced (--{}).",
              needed->mistakes, escaped(*given), option.name));
    needed->files.emplace_back(file, fmt::format("what --{} writes", option.name));
  }
}

}  // namespace usher::cli
