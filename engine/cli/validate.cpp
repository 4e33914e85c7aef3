#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/check/source_check.hpp"
#include "engine/cli/commands.hpp"
#include "engine/cli/located.hpp"
#include "engine/workspace/workspace.hpp"
#include "rules/capability_fallbacks.hpp"

namespace usher::cli {

namespace {

void print_result(const Call& call, const std::vector<Diagnostic>& mistakes,
                  const std::vector<Diagnostic>& warnings, const std::vector<CapabilityFallback>& choices,
                  ExitCode code) {
  if (call.json()) {
    auto chosen = nlohmann::ordered_json::array();
    for (const CapabilityFallback& choice : choices) {
      chosen.push_back({{"platform", choice.platform},
                        {"key", choice.key},
                        {"chosen", choice.chosen},
                        {"message", choice.message}});
    }
    call.print_json({{"report", "validate"},
                     {"exit", exit_json(code)},
                     {"mistakes", located_json(mistakes)},
                     {"warnings", located_json(warnings)},
                     {"choices", chosen}});
    return;
  }
  std::string text;
  for (const Diagnostic& warning : warnings) text += "warning: " + escaped_lines(to_string(warning)) + "\n\n";
  if (mistakes.empty()) {
    text += fmt::format("{} is in order.\n", escaped(call.arguments.text("config")));
    for (const CapabilityFallback& choice : choices) text += "  " + escaped(choice.message) + ".\n";
  } else {
    text += escaped_lines(to_string(mistakes)) + "\n";
  }
  call.print(text);
}

/// Gives mistakes the line of the configuration they stand in, for a caret.
void add_lines(std::vector<Diagnostic>& mistakes, const Config& config) {
  for (Diagnostic& mistake : mistakes) {
    const auto line = static_cast<std::size_t>(mistake.place.line) - 1;
    if (mistake.place.line > 0 && line < config.lines.size()) mistake.line = config.lines[line];
  }
}

ExitCode run_validate(const Call& call) {
  const Secrets secrets = call.arguments.flag("no-secrets") ? Secrets::skip : Secrets::resolve;
  const auto setup = open_workspace(call.common(), secrets);
  if (setup) {
    std::vector<Diagnostic> of_sources = check_sources(*setup, secrets == Secrets::resolve, call.stop);
    add_lines(of_sources, *setup->config);
    const ExitCode code = of_sources.empty() ? ExitCode::done : ExitCode::configuration_invalid;
    std::vector<CapabilityFallback> choices;
    for (const auto& [name, program] : setup->rules->accounts()) {
      for (CapabilityFallback& choice : capability_fallbacks(program)) choices.push_back(std::move(choice));
    }
    print_result(call, of_sources, setup->warnings, choices, code);
    return code;
  }
  print_result(call, setup.error(), {}, {}, ExitCode::configuration_invalid);
  return ExitCode::configuration_invalid;
}

constexpr std::array validate_options{
    Option{"no-secrets", 0, {}, "check only the syntax of ${env:…} and similar; read and run nothing"},
};

}  // namespace

const Command validate_command{
    .name = "validate",
    .summary = "check the configuration, without asking any platform",
    .examples =
        "  usher validate\n"
        "  usher validate --no-secrets   # where the secrets are not at hand\n",
    .about =
        "Reads the configuration, its secrets and the recipes it needs, compiles every expression "
        "against what the platforms can hold, and lists all mistakes at once, each with file, line and "
        "column. Of source files it reads the beginning: the format, the header, and whether the rules "
        "about people work for anybody; with --no-secrets a file may be missing. No request is sent and "
        "no state is opened.\n\n"
        "Ends with 0 when everything is in order, with 78 when there are mistakes.",
    .options = validate_options,
    .operands = {},
    .run = run_validate,
};

}  // namespace usher::cli
