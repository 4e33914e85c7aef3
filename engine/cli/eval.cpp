#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/state.hpp"
#include "engine/desired/expression_scope.hpp"
#include "state/model/exception_text.hpp"

namespace usher::cli {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string contents(const Call& call, const std::string& file) {
  if (file == "-") return {std::istreambuf_iterator<char>(call.console.in), {}};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw CommandError(ExitCode::usage, fmt::format("--vars: cannot read '{}'.", escaped(file)));
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// --vars: a JSON object, or a file that holds one.
json variables(const Call& call) {
  const std::string given = call.arguments.text("vars");
  if (given.empty()) return json::object();
  const bool is_json =
      given.find_first_not_of(" \t\n") != std::string::npos && given[given.find_first_not_of(" \t\n")] == '{';
  try {
    json object = json::parse(is_json ? given : contents(call, given));
    if (object.is_object()) return object;
  } catch (const json::parse_error& error) {
    throw CommandError(ExitCode::usage, fmt::format("--vars: {}", text_of(error)));
  }
  throw CommandError(ExitCode::usage, "--vars must be a JSON object: its members are the variables.");
}

void print_mistakes(const Call& call, const std::vector<Diagnostic>& mistakes) {
  if (!call.json()) return call.print(to_string(mistakes) + "\n");
  ordered_json list = ordered_json::array();
  for (const Diagnostic& mistake : mistakes)
    list.push_back(
        {{"line", mistake.place.line}, {"column", mistake.place.column}, {"message", mistake.message}});
  call.print_json({{"report", "eval"}, {"exit", exit_json(ExitCode::usage)}, {"mistakes", list}});
}

ordered_json evaluation_json(const Evaluation& result, bool trace, ExitCode code) {
  ordered_json out{{"report", "eval"}, {"exit", exit_json(code)}, {"type", result.type}};
  if (result.error.empty()) {
    out["value"] = ordered_json::parse(result.value);
  } else {
    out["error"] = result.error;
  }
  if (!trace) return out;
  out["trace"] = ordered_json::array();
  for (const auto& step : result.steps)
    out["trace"].push_back(
        {{"offset", step.offset}, {"length", step.length}, {"expression", step.text}, {"value", step.value}});
  return out;
}

std::string evaluation_text(const Evaluation& result, bool trace) {
  std::string text;
  if (trace) {
    std::size_t width = 0;
    for (const auto& step : result.steps)
      width = std::max(width, std::min<std::size_t>(step.text.size(), 60));
    for (const auto& step : result.steps)
      text += fmt::format("{:<{}}  {}\n", escaped(step.text), width, escaped(step.value));
    text += "\n";
  }
  text += result.error.empty() ? escaped(result.value) : "error: " + escaped(result.error);
  return text + fmt::format("\n{}\n", result.type);
}

tl::expected<Evaluation, std::vector<Diagnostic>> evaluate(const Call& call) {
  const std::string& expression = call.arguments.operands().front();
  const auto key = call.arguments.find("person");
  if (!key) {
    if (call.arguments.find("platform"))
      throw CommandError(ExitCode::usage, "--platform says whose account to look at: it goes with --person.");
    return EvaluationScope(variables(call)).evaluate(expression);
  }
  const auto setup = open_workspace(call.common(), Secrets::skip);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  Database database = open_state(call);
  return EvaluationScope(database, *setup, *key, call.arguments.text("platform"), variables(call))
      .evaluate(expression);
}

ExitCode run_eval(const Call& call) {
  const auto result = evaluate(call);
  if (!result) {
    print_mistakes(call, result.error());
    return ExitCode::usage;
  }
  const ExitCode code = result->error.empty() ? ExitCode::done : ExitCode::failed;
  const bool trace = call.arguments.flag("trace");
  if (call.json()) {
    call.print_json(evaluation_json(*result, trace, code));
  } else {
    call.print(evaluation_text(*result, trace));
  }
  return code;
}

constexpr std::array eval_operands{Operand{"EXPRESSION", true}};
constexpr std::array eval_options{
    Option{"vars", 0, "VARIABLES", "a JSON object, or a file that holds one (-: standard input)"},
    Option{"person", 0, "KEY", "evaluate for this person in the state: sets record, person and now"},
    Option{"platform", 0, "NAME",
           "with --person: sets account to theirs on this platform, and unique() checks there"},
    Option{"trace", 0, {}, "show the value of every part of the expression"},
};

}  // namespace

const Command eval_command{
    .name = "eval",
    .summary = "evaluate an expression, to try out rules",
    .examples =
        "  usher eval '\"Zoë Müller\".ascii().login()'\n"
        "  usher eval --vars '{\"record\": {\"mail\": \"A@X.ORG\"}}' 'record.mail.lowerAscii()'\n"
        "  usher eval --person E1042 --trace 'person.department in [\"sales\"]'\n"
        "  usher eval --person E1042 --platform iot 'account.tags'\n",
    .about =
        "Shows the value of an expression as JSON and its type. Without --person only `now` and the "
        "variables of --vars exist. With it, the expression sees what the rules of the configuration see "
        "of that person: the record as it was last pulled, the person derived from it, tables, and the "
        "account on --platform. Reads only; no platform is asked.\n\n"
        "Ends with 0 when there is a value, with 1 when the evaluation fails, with 64 when the "
        "expression is invalid: each mistake is shown with a caret.",
    .options = eval_options,
    .operands = eval_operands,
    .run = run_eval,
};

}  // namespace usher::cli
