#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "connectors/registry.hpp"
#include "engine/cli/commands.hpp"
#include "engine/cli/completion_script.hpp"
#include "engine/workspace/workspace.hpp"
#include "rules/config.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

/// A configuration with mistakes completes to nothing: the shell has no place for messages.
std::string platform_names(const Call& call) {
  std::string names;
  const auto config = load_config(call.common().config, Secrets::skip);
  if (config)
    for (const auto& [name, settings] : config->platforms) names += name + "\n";
  return names;
}

std::string connector_names(const Call& call) {
  std::string names;
  for (const ConnectorKind& kind : connector_kinds(connector_context(call.common())))
    names += kind.name + "\n";
  return names;
}

ExitCode run_completion(const Call& call) {
  const std::string& what = call.arguments.operands().front();
  const auto& shells = completion_shells();
  if (what == "platforms") {
    call.print(platform_names(call));
  } else if (what == "connectors") {
    call.print(connector_names(call));
  } else if (std::find(shells.begin(), shells.end(), what) != shells.end()) {
    call.print(completion_script(what));
  } else {
    std::vector<std::string> known = shells;
    known.insert(known.end(), {"platforms", "connectors"});
    throw CommandError(ExitCode::usage,
                       fmt::format("`usher completion` takes {}, not '{}'{}", fmt::join(known, ", "),
                                   escaped(what), did_you_mean(what, known, ".")));
  }
  return ExitCode::done;
}

constexpr std::array completion_operands{Operand{"bash|fish|zsh|platforms|connectors", true}};

}  // namespace

const Command completion_command{
    .name = "completion",
    .summary = "write the completion script for a shell",
    .examples =
        "  usher completion bash > /etc/bash_completion.d/usher\n"
        "  usher completion zsh > /usr/local/share/zsh/site-functions/_usher\n"
        "  usher completion fish > ~/.config/fish/completions/usher.fish\n",
    .about =
        "Writes the completion script of a shell to standard output. It completes commands, options and "
        "their values, and the names of platforms and connectors, which it gets from `usher completion "
        "platforms` and `usher completion connectors`. The Debian package installs all three scripts.",
    .options = {},
    .operands = completion_operands,
    .run = run_completion,
};

}  // namespace usher::cli
