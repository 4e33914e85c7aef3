#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rules/rule_edits.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Finds the edits between two configurations that something comes from in which their plans differ: those
/// that decide it by what the plans say of it, else all that may. Everything that it is made of must outlive
/// it.
class ImpactCauses {
 public:
  struct Cause {
    std::vector<std::size_t> edits;  ///< indices in edits().all()
    std::string rule;                ///< where no edit explains it: the rule that it follows from
    auto operator<=>(const Cause&) const = default;
  };
  /// What the two plans do to one account; one of them may be null.
  struct Changes {
    const Change* before;
    const Change* after;
    const Change& either() const { return after == nullptr ? *before : *after; }
  };

  ImpactCauses(const Config& before, const Plan& old_plan, const Config& after, const Plan& new_plan);

  const RuleEdits& edits() const { return edits_; }

  /// Whether the plans differ in that the account's person has left.
  bool leaves_or_returns(const Changes& changes) const;
  /// What becomes of the account as a whole.
  Cause of_account(const Changes& changes);
  /// The value of an attribute.
  Cause of_field(const Changes& changes, const std::string& path);
  /// edge: as either plan has it. with_account: the account comes or goes, too. stays: it is there under the
  /// new rules.
  Cause of_membership(const Changes& changes, const MembershipChange& edge, bool with_account, bool stays);
  Cause of_note(const Note& note);
  /// A link that is found.
  Cause of_link(const std::string& platform);
  /// An operation that guards hold.
  Cause of_guards(const Operation& operation);

  /// Whether an edit was never found to be a cause, nor one that may have been.
  bool is_idle(std::size_t edit) const { return !considered_.contains(edit); }

 private:
  using Rules = std::vector<std::string>;
  using Somebody = std::pair<std::string, std::string>;  // platform, person
  using Left = std::map<Somebody, WhyLeft>;

  static Left left_in(const Plan& plan);
  static std::optional<WhyLeft> find(const Left& left, const std::string& platform,
                                     const std::string& person);
  static Rules rules_that_left(const std::string& platform, WhyLeft why);
  Rules rules_of(const Changes& changes) const;
  Rules rules_of_leaving(const Changes& changes, bool leaves, WhyLeft why) const;
  Rules rules_that_give(const std::string& platform) const;
  bool relinked(const Change& change) const;
  std::set<std::size_t> behind(const Rules& rules);
  Cause decided(const std::vector<Rules>& tiers);
  void consider(const Rules& rules);
  void consider_what_comes_with(const std::string& platform);
  Rules edited_groups(const std::string& platform) const;

  const Config& before_;
  const Config& after_;
  const RuleEdits edits_;
  const Left left_before_, left_after_;
  std::set<Somebody> relinked_;  // whose account is another one, or found under one set of rules only
  std::map<std::string, std::set<std::size_t>> behind_;
  std::set<std::size_t> considered_;
};

}  // namespace usher
