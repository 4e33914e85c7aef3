#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/cel/environment.hpp"
#include "rules/config.hpp"

namespace usher {

/// Digests of what the rules of a configuration state: by the path of a rule, one for each place where it
/// stands.
using RuleDigests = std::map<std::string, std::vector<std::string>>;

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
  /// before: of the old configuration, which is not there any more: what it said is not known, and what only
  /// it had is no edit.
  RuleEdits(const RuleDigests& before, const Config& after);

  /// What to remember of a configuration that will be the old one.
  static RuleDigests digests_of(const Config& config);

  /// Sorted by place.
  const std::vector<RuleEdit>& all() const { return edits_; }

  /// Indices in all() of the edits that a rule's outcome depends on: of the rule itself, and of the
  /// attributes of `people` and the tables that it reads, directly or through others; of a section that is
  /// new or gone as a whole, its own. Empty when nothing it depends on was edited.
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
  static std::map<std::string, std::vector<Statement>> by_digest(const std::vector<Statement>& statements);
  static Statements known_of(const RuleDigests& digests, const Statements& all);
  static void add_people(const Config& config, Statements& statements);
  static void add_accounts(const AccountRules& rules, Statements& statements);
  void compare_all();
  void compare(const std::string& rule);
  const std::string* whole_section(const std::string& rule) const;
  std::set<std::string> reads(const std::string& rule) const;

  const Config& after_config_;
  const cel::Environment environment_;  // of what accounts should have
  const Statements after_, before_;
  std::vector<std::string> sections_;  // "accounts.iot": those that only one configuration has
  std::vector<RuleEdit> edits_;
  std::map<std::string, std::size_t> by_rule_;
};

}  // namespace usher
