#include "engine/cli/needed_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "rules/config.hpp"

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

void add_configured(std::vector<Needed>& needed, const Config& config) {
  for (const auto& [name, settings] : config.platforms) {
    const auto path = settings.options.find("path");
    if (path != settings.options.end() && !path->second.is_secret && !path->second.pending)
      needed.emplace_back(fs::path(settings.directory) / path->second.text,
                          "what platform '" + name + "' reads");
  }
  for (const auto& [name, rules] : config.accounts)
    if (rules.first_secret.handover == FirstSecret::Handover::file)
      needed.emplace_back(rules.first_secret.target, "the file of first secrets of " + name);
}

/// What a configuration with mistakes names is not known; the command ends with them.
std::vector<Needed> needed_by(const Arguments& arguments) {
  const std::string configuration = arguments.text("config");
  std::vector<Needed> needed{{configuration, "the configuration"}};
  const auto config = load_config(configuration, Secrets::skip);
  if (const auto state = arguments.find("state")) {
    add_state(needed, *state);
  } else if (config) {
    add_state(needed, config->state);
  }
  if (config) add_configured(needed, *config);
  return needed;
}

/// Also where nothing stands there yet.
bool same_file(const fs::path& one, const fs::path& other) {
  std::error_code error;
  if (fs::equivalent(one, other, error)) return true;
  const fs::path first = fs::weakly_canonical(one, error);
  if (error) return false;
  const fs::path second = fs::weakly_canonical(other, error);
  return !error && first == second;
}

}  // namespace

void spare_needed_files(const Arguments& arguments, std::span<const Option> options) {
  std::vector<Needed> needed;
  for (const Option& option : options) {
    const auto file = option.writes ? arguments.find(option.name) : std::nullopt;
    if (!file) continue;
    if (needed.empty()) needed = needed_by(arguments);
    const auto found = std::find_if(needed.begin(), needed.end(),
                                    [&](const Needed& one) { return same_file(*file, one.first); });
    if (found != needed.end())
      throw CommandError(ExitCode::usage,
                         fmt::format("--{}: '{}' is not written, for it is {}; give another name.",
                                     option.name, escaped(*file), found->second));
  }
}

}  // namespace usher::cli
