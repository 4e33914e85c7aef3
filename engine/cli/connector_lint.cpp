#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "connectors/describe.hpp"
#include "engine/cli/connector.hpp"
#include "engine/cli/located.hpp"
#include "engine/workspace/workspace.hpp"

namespace usher::cli {

namespace {

std::string lint_text(const Lint& lint) {
  std::string text;
  for (const Diagnostic& warning : lint.warnings) text += "warning: " + to_string(warning) + "\n\n";
  if (!lint.mistakes.empty()) return text + to_string(lint.mistakes) + "\n";
  text += lint.name + " is in order";
  if (!lint.warnings.empty()) text += ", with " + pluralised(lint.warnings.size(), "warning", "warnings");
  return text + ".\n";
}

}  // namespace

ExitCode lint_connectors(const Call& call) {
  const auto words = words_of(call, 1, std::numeric_limits<std::size_t>::max(), "files or names of recipes");
  const ConnectorContext context = connector_context(call.common());
  ExitCode code = ExitCode::done;
  auto list = nlohmann::ordered_json::array();
  for (const std::string& word : words) {
    const Lint lint = lint_connector(word, context);
    if (!lint.mistakes.empty()) code = ExitCode::configuration_invalid;
    if (call.json()) {
      list.push_back({{"name", lint.name},
                      {"mistakes", located_json(lint.mistakes)},
                      {"warnings", located_json(lint.warnings)}});
    } else {
      call.print(lint_text(lint));
    }
  }
  if (call.json())
    call.print_json({{"report", "connector-lint"}, {"exit", exit_json(code)}, {"recipes", list}});
  return code;
}

}  // namespace usher::cli
