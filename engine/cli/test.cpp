#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/check/rule_tests.hpp"
#include "engine/cli/atomic_file.hpp"
#include "engine/cli/commands.hpp"
#include "engine/report/rule_test_report.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

/// A run without tests must not look like one in which all passed.
void expect_tests(const Workspace& setup, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const RuleTest& test : setup.config->tests) known.push_back(test.name);
  if (known.empty())
    throw CommandError(ExitCode::usage, fmt::format("{} has no tests. They stand under the key 'tests'; `man "
                                                    "usher.yaml` and docs/testing.md tell their form.",
                                                    setup.config->file.string()));
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw CommandError(ExitCode::usage,
                         fmt::format("There is no test '{}'{}", name, did_you_mean(name, known, ".")));
}

ExitCode run_test(const Call& call) {
  const CommonOptions options = call.common();
  const auto setup = open_workspace(options, Secrets::skip);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  const std::vector<std::string>& names = call.arguments.operands();
  expect_tests(*setup, names);
  const std::filesystem::path file = options.state.value_or(setup->config->state);
  std::optional<Database> state;
  if (std::filesystem::exists(file)) state.emplace(file, Access::read);
  const RuleTestReport report =
      run_rule_tests(*setup, connector_context(options), names, state ? &*state : nullptr, call.stop);
  if (call.stop.stop_requested())
    throw CommandError(ExitCode::time_budget, "Interrupted: not all tests were run, so none is reported.");
  const ExitCode code = report.passed() ? ExitCode::done : ExitCode::failed;
  if (const auto junit = call.arguments.find("junit")) {
    AtomicFile xml(*junit, "JUnit report");
    xml.write(junit_xml(report, setup->config->file.string()));
    xml.commit();
  }
  if (call.json()) {
    call.print_json(rule_test_json(report, code));
  } else {
    call.print(rule_test_text(report, call.style()));
  }
  return code;
}

constexpr std::array test_options{
    Option{.name = "junit",
           .value = "FILE",
           .about = "also write the results to this file as JUnit's XML, for CI systems",
           .writes = true},
};
constexpr std::array test_operands{Operand{"TEST", false, true}};

}  // namespace

const Command test_command{
    .name = "test",
    .summary = "run the tests of the rules in the configuration",
    .examples =
        "  usher test                                  # all tests of usher.yaml\n"
        "  usher test 'engineers write flows'          # one of them\n"
        "  usher test --junit results.xml              # for a CI system\n",
    .about =
        "Each entry of `tests` in the configuration has records, inline or in a file, and says what the "
        "people they declare must and must not have on which platform: an account or none, attributes, "
        "groups. Each failure shows the expected result (-) and the actual one (+), with the rule that "
        "decided.\n\n"
        "Then it lists the rules that no test fires, and which of them nobody of the stored population "
        "fires either: a rule that nobody fires may be a mistake. Unfired rules do not fail the run.\n\n"
        "No platform is asked and nothing is written; a state is only read, and need not exist. Secrets "
        "are not resolved.\n\n"
        "Ends with 0 when all tests pass, with 1 when some fail, with 64 when there are none, with 78 "
        "when the configuration has mistakes.",
    .options = test_options,
    .operands = test_operands,
    .run = run_test,
};

}  // namespace usher::cli
