#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/cel/program.hpp"
#include "rules/config.hpp"
#include "rules/rules.hpp"

namespace usher {

/// What one rule came to for one person, and on what values.
struct RuleOutcome {
  std::string text;  ///< the expression, or the constant
  SourceLocation place;
  std::string value;  ///< JSON; empty when it failed
  std::string error;
  std::string unmet;  ///< of a condition that does not hold: its first part that does not; empty: it holds
  std::vector<std::pair<std::string, std::string>>
      read;  ///< "person.department" -> JSON: in `unmet`, else in all

  bool holds() const { return value == "true"; }
};

/// "person.department in ["it"] is false: person.department is "hr"": why a condition does not hold.
std::string unmet_text(const RuleOutcome& rule);

/// The rules of the people section, in the order of the configuration.
struct PeopleOutcomes {
  RuleOutcome key;
  std::optional<RuleOutcome> active;  ///< nullopt: everybody is
  std::vector<std::pair<std::string, RuleOutcome>> attributes;
};

/// The rules of one platform, in the order of the configuration.
struct AccountOutcomes {
  struct Group {
    const GroupRule* rule = nullptr;  ///< never null
    std::optional<RuleOutcome> when;  ///< nullopt: always
    bool given() const { return !when || when->holds(); }
  };
  struct Match {
    const MatchRule* rule = nullptr;  ///< never null
    RuleOutcome value;
  };
  std::optional<RuleOutcome> who;  ///< nullopt: everybody
  std::vector<std::pair<std::string, RuleOutcome>> set;
  std::vector<Group> groups;
  std::vector<Match> match;
};

/// Evaluates each rule of a configuration by itself, to say what it came to and on what values. Slow beside
/// the evaluators, which decide: for a few people. One thread. Configuration and rules must outlive it.
class RuleWitness {
 public:
  RuleWitness(const Config& config, const Rules& rules, cel::Moment now);

  /// record: a JSON object.
  PeopleOutcomes people(std::string_view record);
  /// Values that unique() chooses are left out.
  AccountOutcomes account(const AccountRules& rules, const Person& person);

 private:
  /// The variables of one section.
  struct Scope {
    cel::Environment environment;
    cel::Environment::Slot subject, now;
  };

  Scope scope(const char* subject, const cel::Type& type) const;
  RuleOutcome outcome(const Expression& rule, const Scope& scope, const cel::Value& subject) const;

  const Config& config_;
  const cel::Moment now_;
  const Scope record_, person_;
};

}  // namespace usher
