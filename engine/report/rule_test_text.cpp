#include <fmt/format.h>

#include <algorithm>

#include "engine/report/rule_test_report.hpp"

namespace usher {

namespace {

std::string subject_line(const TestFailure& failure) {
  std::string text;
  for (const std::string& part : {failure.person, failure.platform, failure.what})
    if (!part.empty()) text += (text.empty() ? "" : "  ") + escaped(part);
  return text;
}

std::string failure_text(const TestFailure& failure, const Ink& ink) {
  constexpr std::size_t columns = 80, indent = 6;
  std::string text = "    " + subject_line(failure) + "\n";
  text += ink.red("    - " + wrapped(escaped(failure.expected), columns - indent, indent)) + "\n";
  text += ink.green("    + " + wrapped(escaped(failure.actual), columns - indent, indent)) + "\n";
  if (!failure.why.empty()) text += "      " + wrapped(escaped(failure.why), columns - indent, indent) + "\n";
  return text;
}

std::string unfired_part(const RuleTestReport& report, const char* title, bool by_population) {
  std::string text;
  for (const UnfiredRule& one : report.unfired) {
    if (one.by_population != by_population) continue;
    text += fmt::format("  {}  {}\n", escaped(one.rule.place.to_string()), escaped(one.rule.rule));
  }
  return text.empty() ? text : fmt::format("\n{}\n{}", title, text);
}

}  // namespace

std::string rule_test_text(const RuleTestReport& report, const TextStyle& style) {
  const Ink ink(style.colour);
  std::string text;
  std::size_t failed = 0;
  for (const TestResult& test : report.tests) {
    const bool passed = test.failures.empty();
    failed += passed ? 0 : 1;
    text += fmt::format("{}  {} ({})\n", passed ? ink.green("ok    ") : ink.red("FAILED"), escaped(test.name),
                        escaped(test.place.to_string()));
    const std::size_t all = test.failures.size();
    const std::size_t shown = style.limit == 0 ? all : std::min(style.limit, all);
    for (std::size_t i = 0; i < shown; ++i) text += failure_text(test.failures[i], ink);
    if (shown < all)
      text += fmt::format("    … and {} more; --all shows them\n", with_separators(all - shown));
  }
  text += fmt::format("\n{} of {} passed; they fire {} of {}.\n", report.tests.size() - failed,
                      pluralised(report.tests.size(), "test", "tests"), report.rules - report.unfired.size(),
                      pluralised(report.rules, "rule", "rules"));
  if (!report.population_known)
    return text + unfired_part(report,
                               "Rules that no test fires (there is no state with people to look at):", false);
  return text + unfired_part(report, "Rules that no test and nobody of the stored population fires:", false) +
         unfired_part(report, "Rules that no test fires, but somebody of the stored population:", true);
}

}  // namespace usher
