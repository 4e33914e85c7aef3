#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/report/html_text.hpp"
#include "engine/report/report.hpp"
#include "engine/report/rule_test_report.hpp"

namespace usher {

using nlohmann::ordered_json;

ordered_json rule_test_json(const RuleTestReport& report, ExitCode code) {
  ordered_json out{{"report", "test"}, {"exit", exit_json(code)}, {"tests", ordered_json::array()}};
  for (const TestResult& test : report.tests) {
    ordered_json one{{"name", test.name},
                     {"place", test.place.to_string()},
                     {"passed", test.failures.empty()},
                     {"people", test.people},
                     {"failures", ordered_json::array()}};
    for (const TestFailure& failure : test.failures)
      one["failures"].push_back({{"person", failure.person},
                                 {"platform", failure.platform},
                                 {"what", failure.what},
                                 {"expected", failure.expected},
                                 {"actual", failure.actual},
                                 {"why", failure.why}});
    out["tests"].push_back(std::move(one));
  }
  out["rules"] = report.rules;
  out["population-known"] = report.population_known;
  out["unfired"] = ordered_json::array();
  for (const UnfiredRule& one : report.unfired)
    out["unfired"].push_back({{"rule", one.rule.rule},
                              {"place", one.rule.place.to_string()},
                              {"text", one.rule.text},
                              {"by-population", one.by_population}});
  return out;
}

std::string junit_xml(const RuleTestReport& report, const std::string& configuration) {
  std::size_t failed = 0;
  double seconds = 0;
  for (const TestResult& test : report.tests) {
    failed += test.failures.empty() ? 0 : 1;
    seconds += test.seconds;
  }
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" time=\"{:.3f}\"",
                  report.tests.size(), failed, seconds);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n"
      "  <testsuite name=\"{1}\" {0}>\n",
      counts, html_text(configuration));
  for (const TestResult& test : report.tests) {
    text += fmt::format("    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.3f}\"",
                        html_text(test.name), html_text(configuration), html_text(test.place.file),
                        test.place.line, test.seconds);
    if (test.failures.empty()) {
      text += "/>\n";
      continue;
    }
    text += fmt::format(
        ">\n      <failure message=\"{} of what is expected does not hold\" type=\"expectation\">",
        test.failures.size());
    for (const TestFailure& failure : test.failures)
      text += fmt::format("{} {} {}\n- {}\n+ {}\n{}\n", html_text(failure.person),
                          html_text(failure.platform), html_text(failure.what), html_text(failure.expected),
                          html_text(failure.actual), html_text(failure.why));
    text += "</failure>\n    </testcase>\n";
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace usher
