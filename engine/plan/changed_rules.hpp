#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/rule_edits.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Remembers the rules by which everything was applied, so that a later plan can tell which were edited
/// since.
void remember_applied_rules(Database& database, const Config& config);

/// Which rules are not as they were when everything was last applied, as changes on one platform tell them.
/// Immutable; safe from any thread.
class ChangedRules {
 public:
  /// config: its rules are those of the plan.
  ChangedRules(Database& database, const Config& config, const std::string& platform);

  /// Those that a change comes from: "the rule of email changed (usher.yaml:36)", "the rules changed
  /// (usher.yaml:36, usher.yaml:41)"; empty: none of those that are known to have changed.
  std::string why(const Change& change) const;
  /// The same of those that decide whether somebody is a leaver.
  std::string why(WhyLeft left) const;

 private:
  struct Edit {
    std::string subject;  // "the rule of email"
    std::string place;    // "usher.yaml:36"
  };

  void look_behind(const RuleEdits& edits, const AccountRules& rules);
  bool gather(const std::string& rule, std::set<std::size_t>& found) const;
  std::string text_of(const std::set<std::size_t>& edits) const;

  std::string section_;                                  // "accounts.iot"
  std::vector<Edit> edits_;                              // by place
  std::map<std::string, std::set<std::size_t>> behind_;  // rule -> the edits that its outcome comes from
};

}  // namespace usher
