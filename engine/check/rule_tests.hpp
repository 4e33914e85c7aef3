#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/check/rule_trial.hpp"
#include "engine/desired/planning_input.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/store/database.hpp"

namespace usher {

/// One expectation that does not hold.
struct TestFailure {
  std::string person;    ///< key; empty: it is about the records as a whole
  std::string platform;  ///< empty: it is about the person
  std::string what;      ///< "account", "attribute name", "group admins"
  std::string expected;
  std::string actual;
  std::string why;  ///< the rule that decided, with its place; empty: none
};

/// Result of one entry of `tests`.
struct TestResult {
  std::string name;
  SourceLocation place;
  std::uint64_t people = 0;  ///< who were tried
  double seconds = 0;
  std::vector<TestFailure> failures;
};

/// A rule that no test fires.
struct UnfiredRule {
  FirableRule rule;
  bool by_population = false;  ///< somebody of the stored population fires it
};

/// Results of all tests, in the order of the configuration.
struct RuleTestReport {
  std::vector<TestResult> tests;
  std::uint64_t rules = 0;           ///< how many can be fired
  std::vector<UnfiredRule> unfired;  ///< by place
  bool population_known = false;     ///< whether there is a state with records
  bool passed() const;
};

/// Runs the tests of a configuration: no platform is asked, and only files of records that tests name are
/// read. names: only tests of these names; empty: all. state: for the stored population; null: there is none.
RuleTestReport run_rule_tests(const Workspace& setup, const ConnectorContext& context,
                              const std::vector<std::string>& names, Database* state, std::stop_token stop);

}  // namespace usher
