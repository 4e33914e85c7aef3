#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/config.hpp"

namespace usher {

/// One rule that two configurations state differently.
struct RuleEdit {
  std::string rule;      ///< its path: "people.active", "accounts.iot.groups.group admins", "tables.regions"
  SourceLocation place;  ///< in the new configuration; of a rule that it lacks: in the old one
  std::string before;    ///< as the old configuration writes it; empty: it has no such rule
  std::string after;     ///< as the new configuration writes it; empty: it has no such rule
};

/// The difference of two configurations, rule by rule, and which rules read which others. Layout, comments,
/// platforms and secrets are no rules. Immutable; thread-safe. Both configurations must outlive it.
class RuleEdits {
 public:
  RuleEdits(const Config& before, const Config& after);

  /// Sorted by place.
  const std::vector<RuleEdit>& all() const { return edits_; }

  /// Indices in all() of the edits that a rule's outcome depends on: of the rule itself; if it was not
  /// edited, of the attributes of `people` and the tables that it reads, directly or through others. Empty
  /// when nothing it depends on was edited.
  std::set<std::size_t> behind(const std::string& rule) const;

  /// Where a rule stands in the new configuration, else in the old one. Line 0: in neither.
  SourceLocation place_of(const std::string& rule) const;

 private:
  /// One statement of a rule; a rule may have several, as two entries of `groups` for one group.
  struct Statement {
    std::string text;
    SourceLocation place;
    std::vector<const Expression*> expressions = {};
  };
  using Statements = std::map<std::string, std::vector<Statement>>;

  static Statements statements_of(const Config& config);
  static void add_people(const Config& config, Statements& statements);
  static void add_accounts(const AccountRules& rules, Statements& statements);
  void compare(const std::string& rule);
  const std::string* whole_section(const std::string& rule) const;
  std::set<std::string> reads(const std::string& rule) const;

  const Config& after_config_;
  const Statements before_, after_;
  std::vector<std::string> sections_;  // "accounts.iot": those that only one configuration has
  std::vector<RuleEdit> edits_;
  std::map<std::string, std::size_t> by_rule_;
};

}  // namespace usher
