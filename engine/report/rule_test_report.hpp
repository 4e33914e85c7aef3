#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/check/rule_tests.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

/// One line a test, below a failed one what was expected (-) and what is so (+) with the rule that decided;
/// then the rules that no test fires.
std::string rule_test_text(const RuleTestReport& report, const TextStyle& style);
/// docs/reports.md states the shape.
nlohmann::ordered_json rule_test_json(const RuleTestReport& report, ExitCode code);
/// JUnit's XML, as CI systems read it. configuration: the name of the suite.
std::string junit_xml(const RuleTestReport& report, const std::string& configuration);

}  // namespace usher
