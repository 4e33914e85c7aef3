#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/rule_edits.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// One thing that the new rules want otherwise than the old ones, of one person or account on one platform.
struct ImpactItem {
  std::string platform;
  std::string person;   ///< key; empty: the account is nobody's
  std::string account;  ///< id; empty: there is none yet
  std::string label;    ///< what a person recognises the account by
  std::string what;     ///< "account", "group admins", "attribute name", "note waits"
  std::string before;   ///< under the old rules, as JSON or a word; empty: nothing
  std::string after;    ///< under the new rules, likewise
};

/// Items of one platform that are the same but for the people.
struct ImpactGroup {
  std::string platform;
  std::string sentence;  ///< "lose group admins": completes "212 people …"
  bool takes_away = false;
  std::vector<ImpactItem> items;  ///< sorted by person and account
};

/// The edits that cause something, and what they cause.
struct ImpactCause {
  std::vector<std::size_t> edits;   ///< indices in Impact::edits; empty: no edited rule explains it
  SourceLocation place;             ///< of the first edit; of none: of the rule that the items come from
  std::string rule;                 ///< of none: that rule
  std::vector<ImpactGroup> groups;  ///< what takes away first, then by size
};

/// What an edit of the rules changes, on the snapshots of the last pulls.
struct Impact {
  std::vector<RuleEdit> edits;
  std::vector<ImpactCause> causes;    ///< by place
  std::vector<std::size_t> idle;      ///< edits that change nothing for anybody
  std::vector<Objection> objections;  ///< of guards that hold something only under the new rules
  std::uint64_t people = 0;           ///< who have something otherwise, each counted once
  std::uint64_t items = 0;
};

/// The difference of two plans of the same snapshots and time, by the edits of the rules that made them.
/// before, after: the configurations of the plans.
Impact impact_of(const Config& before, const Plan& old_plan, const Config& after, const Plan& new_plan);

}  // namespace usher
