#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "rules/rules.hpp"

namespace usher {

/// What the rules of one platform come to for one person.
struct TrialOutcome {
  std::string error;  ///< why they cannot be evaluated; the rest is empty then
  bool in_scope = false;
  std::map<std::string, std::string> set;  ///< path -> JSON as an account would hold it; of who is in scope
  std::vector<const GroupRule*> groups;
};

/// One person of a record, with what each platform's rules come to.
struct TrialPerson {
  std::string key;
  bool active = false;
  std::map<std::string, TrialOutcome> platforms;
};

/// A rule that can be fired: who is in scope, a way to match, an attribute, a group.
struct FirableRule {
  std::string rule;  ///< its path: "accounts.iot.groups.group admins"
  std::string text;  ///< as written
  SourceLocation place;
};

/// Applies all rules to one record after another, without a state: unique() takes its first choice. Notes
/// which rules fire: `who` and `active` when they hold, a group when it is given, an attribute or a match
/// when it has a value. One thread; rules and configuration must outlive it.
class RuleTrial {
 public:
  RuleTrial(const Config& config, const Rules& rules, cel::Moment now);
  ~RuleTrial();
  RuleTrial(const RuleTrial&) = delete;
  RuleTrial& operator=(const RuleTrial&) = delete;

  /// record: a JSON object. An error says which rule about people fails, and on what.
  tl::expected<TrialPerson, PersonError> apply(const std::string& record);

  /// All rules that can be fired, by place.
  const std::vector<FirableRule>& rules() const;
  /// Indices in rules() of those that fired.
  const std::set<std::size_t>& fired() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace usher
