#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/registry.hpp"
#include "engine/check/connector_check.hpp"
#include "engine/cli/connector.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/model/schema.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::pair<std::string, std::string> halves(const std::string& text, const std::string& option) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw CommandError(ExitCode::usage, fmt::format("--{} takes two parts with '=' between them, not '{}'.",
                                                    option, escaped(text)));
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// {path: value}; what is a text on the platform is taken as it is, anything else as JSON.
json values_of(const Call& call, const std::string& option, const Schema& schema) {
  json values = json::object();
  for (const std::string& given : call.arguments.values(option)) {
    auto [path, text] = halves(given, option);
    const Attribute* attribute = schema.find(path);
    if (attribute == nullptr) {
      std::vector<std::string> known;
      for (const Attribute& one : schema.attributes) known.push_back(one.path);
      throw CommandError(ExitCode::usage, fmt::format("--{}: there is no attribute '{}'{}", option,
                                                      escaped(path), did_you_mean(path, known, ".")));
    }
    json value = attribute->type == AttributeType::string || attribute->type == AttributeType::timestamp
                     ? json(text)
                     : json::parse(text, nullptr, false);
    if (value.is_discarded())
      throw CommandError(ExitCode::usage,
                         fmt::format("--{} {}: '{}' is no JSON, which a {} is given as.", option, path,
                                     escaped(text), to_string(attribute->type)));
    values[path] = std::move(value);
  }
  return values;
}

std::function<std::unique_ptr<Connector>(std::size_t)> sized(const Workspace& setup,
                                                             const std::string& platform,
                                                             const ConnectorContext& context) {
  const Settings& configured = setup.config->platforms.at(platform);
  const auto kind = find_connector_kind(configured.connector, context);
  const bool has_size =
      kind && std::any_of(kind->options.begin(), kind->options.end(),
                          [](const usher::Option& option) { return option.name == "page-size"; });
  if (!has_size) return {};
  return [configured, context](std::size_t size) {
    Settings settings = configured;
    settings.options["page-size"].text = std::to_string(size);
    auto made = make_connector(settings, context);
    if (!made) throw CommandError(ExitCode::configuration_invalid, to_string(made.error()));
    return std::move(*made);
  };
}

ExitCode ending(const ConnectorCheck& trial) {
  if (trial.failure && trial.failure->kind == FailureKind::unreachable) return ExitCode::unreachable;
  if (trial.failure && trial.failure->kind == FailureKind::refused) return ExitCode::credentials_refused;
  if (trial.failure && trial.failure->kind == FailureKind::stopped) return ExitCode::time_budget;
  const bool failed = std::any_of(trial.checks.begin(), trial.checks.end(), [](const CheckResult& check) {
    return check.result == CheckResult::Result::failed;
  });
  return failed ? ExitCode::failed : ExitCode::done;
}

std::size_t count(const ConnectorCheck& trial, CheckResult::Result result) {
  return static_cast<std::size_t>(
      std::count_if(trial.checks.begin(), trial.checks.end(),
                    [&](const CheckResult& check) { return check.result == result; }));
}

ordered_json trial_json(const std::string& platform, const ConnectorCheck& trial, ExitCode code) {
  auto checks = ordered_json::array();
  for (const CheckResult& check : trial.checks)
    checks.push_back({{"name", check.name}, {"result", to_string(check.result)}, {"why", check.why}});
  return {{"report", "connector-test"},
          {"exit", exit_json(code)},
          {"platform", platform},
          {"checks", checks},
          {"left_behind", trial.left_behind}};
}

std::string check_line(const CheckResult& check, const Ink& ink) {
  const std::string result = fmt::format("{:<12}", to_string(check.result));
  const std::string painted = check.result == CheckResult::Result::ok       ? ink.green(result)
                              : check.result == CheckResult::Result::failed ? ink.red(result)
                                                                            : ink.dim(result);
  return fmt::format("  {}  {}{}\n", painted, check.name, check.why.empty() ? "" : ": " + escaped(check.why));
}

}  // namespace

ExitCode test_connector(const Call& call) {
  const std::string platform = words_of(call, 1, 1, "one platform of the configuration").front();
  CommonOptions common = call.common();
  common.only = only_if_configured(common, platform);
  auto setup = open_workspace(common, Secrets::resolve);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  Connector& connector = connector_of(*setup, platform);
  const Ink ink(call.style().colour);
  TrialOptions options;
  options.write = call.arguments.flag("write");
  options.create = values_of(call, "set", connector.capabilities().schema);
  options.change = values_of(call, "change", connector.capabilities().schema);
  for (const std::string& one : call.arguments.values("join")) options.join.push_back(halves(one, "join"));
  options.with_page_size = sized(*setup, platform, connector_context(call.common()));
  if (!call.json()) options.told = [&](const CheckResult& check) { call.print(check_line(check, ink)); };

  const ConnectorCheck trial = try_connector(connector, options, call.stop);
  const ExitCode code = ending(trial);
  if (call.json()) {
    call.print_json(trial_json(platform, trial, code));
    return code;
  }
  call.print(fmt::format("\n{} ok, {} failed, {} not possible\n", count(trial, CheckResult::Result::ok),
                         count(trial, CheckResult::Result::failed),
                         count(trial, CheckResult::Result::not_possible)));
  if (!trial.left_behind.empty())
    call.print(fmt::format("The account made for this is still there: {}\n", escaped(trial.left_behind)));
  return code;
}

}  // namespace usher::cli
