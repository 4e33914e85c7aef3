#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "rules/approval_rules.hpp"
#include "rules/fallback.hpp"
#include "rules/notify_rule.hpp"
#include "rules/rule_test.hpp"
#include "state/model/guard_kind.hpp"
#include "state/model/settings.hpp"

namespace usher {

/// A CEL expression as written, with its place; or a constant ({value: …} in the configuration).
struct Expression {
  std::string source;                   ///< CEL; empty when constant
  std::optional<std::string> constant;  ///< JSON text of the constant
  SourceLocation place;                 ///< of the first character of the expression
  /// Of a list in the configuration: where in `source` each element begins and where that stands in the file.
  std::vector<std::pair<std::size_t, SourceLocation>> elements;

  bool given() const { return constant.has_value() || !source.empty(); }
};

/// match: one way to find the account of a person that is not linked yet.
struct MatchRule {
  std::string account;  ///< attribute path on the platform
  Expression person;
  bool fold_case = false;  ///< compare without regard to case
  SourceLocation place;
};

/// groups: one entitlement a rule gives.
struct GroupRule {
  std::string kind;                  ///< "group" unless the rule says so
  std::string name;                  ///< name or id of the entitlement
  std::vector<std::string> details;  ///< actions and the like
  Expression when;                   ///< no source: always
  SourceLocation place;
};

/// What happens, and how long after leaving; nullopt days: never. 0: now.
struct LeaverRules {
  std::optional<int> disable_after_days = 0;
  std::optional<int> delete_after_days;
  std::optional<Fallback>
      without_disable;  ///< where the platform cannot disable; nullopt: nobody chose, report
  bool create_disabled =
      false;  ///< who is declared, not active and has no account gets one, disabled or locked
};

/// orphans: what becomes of accounts that nobody declares, and after how many days; nullopt days: never.
struct OrphanRules {
  std::optional<int> disable_after_days;
  std::optional<int> delete_after_days;
  Expression except;  ///< over `account`: which of them stay
  SourceLocation place;

  /// Whether anything becomes of them.
  bool take() const { return disable_after_days || delete_after_days; }
};

/// A limit: the larger of percent of the population and at_least. A plain count is zero percent.
struct Guard {
  double percent = 10;
  std::uint64_t at_least = 2;
  SourceLocation place;
};

/// credentials: the generated first secret of a new account and who gets it.
struct FirstSecret {
  enum class Handover { discard, file, command, invite };
  Handover handover = Handover::discard;
  std::string target;                 ///< absolute path of the file, or the command
  std::optional<int> keep_days;       ///< file: after so many days a line is taken out; nullopt: never
  std::chrono::seconds timeout{600};  ///< command: how long it may take
  std::optional<std::size_t> length;  ///< characters; nullopt: 24, or what is nearest to it on the platform
  std::string alphabet;               ///< the characters it is made of; empty: SecretRule::characters() says
  SourceLocation place;
};

/// accounts: what each person has on one platform.
struct AccountRules {
  std::string platform;
  Expression who;  ///< no source: everybody
  std::vector<MatchRule> match;
  std::vector<std::pair<std::string, Expression>> set;  ///< attribute path -> value, in the order of the file
  std::optional<std::vector<GroupRule>> groups;         ///< nullopt: memberships are unmanaged
  bool keep_other_groups = false;                       ///< memberships that no rule gives are left alone
  bool keep_other_details = false;                      ///< and so are details of memberships that rules give
  LeaverRules leavers;
  OrphanRules orphans;
  std::optional<Fallback>
      without_update;                 ///< where it cannot change an attribute; nullopt: nobody chose, report
  std::map<GuardKind, Guard> guards;  ///< those that are written
  bool create = true;                 ///< missing accounts are created
  FirstSecret first_secret;
  SourceLocation place;
  std::map<std::string, SourceLocation> keys;  ///< where each key of the section stands: "leavers"
};

/// people: who should exist.
struct PeopleRules {
  std::vector<std::string> from;  ///< source platforms in order of authority
  Expression key;
  std::vector<std::pair<std::string, Expression>> attributes;
  Expression active;            ///< no source: everybody in the source
  bool rekey_by_match = false;  ///< who is found to have another's account is that person under a new key
  std::map<GuardKind, Guard> guards;  ///< those that are written: vanished-records, rule-errors
  SourceLocation place;
  std::map<std::string, SourceLocation> keys;  ///< where each key of the section stands: "from"
};

/// How long the state remembers what is past; state/store/retention.hpp says what each of these holds.
struct Keep {
  int history_days = 90;
  int run_days = 90;
  std::uint64_t plan_bytes = 2'000'000'000;
};

/// One configuration file, checked for form: everything an editor could check. Expressions are compiled
/// later, against what connectors say of their attributes.
struct Config {
  std::filesystem::path file;
  std::filesystem::path state;  ///< absolute
  std::map<std::string, Settings> platforms;
  PeopleRules people;
  std::map<std::string, AccountRules> accounts;
  std::map<std::string, std::map<std::string, std::string>> tables;  ///< for lookup()
  std::map<std::string, SourceLocation> table_places;
  std::optional<std::chrono::seconds> deadline;  ///< how long one command may take
  Keep keep;
  ApprovalRules approvals;
  std::vector<RuleTest> tests;
  std::vector<NotifyRule> notify;
  std::string
      digest;  ///< of people, accounts and tables: what decides a plan; not layout, secrets or platforms
  std::vector<std::string>
      lines;  ///< the file, for carets in messages; values of platform options are masked
  std::vector<Diagnostic> warnings;  ///< what is allowed and unwise: a secret file that others can read
};

/// What to do with ${env:…}, ${file:…}, ${cmd:…} and ${cred:…}.
enum class Secrets {
  resolve,  ///< put the values in; one that cannot be had is a mistake
  skip,     ///< only look at their form: nothing is read or run, the settings are marked `pending`
};

/// The sections `people` and `accounts` from elsewhere, in place of a configuration's own.
struct RulesText {
  std::string name;  ///< what messages call it, as if it were a file
  std::string text;  ///< YAML
  std::optional<std::filesystem::path>
      state;  ///< where what these rules bring about is remembered, if elsewhere
};

/// Reads and checks a configuration. All mistakes at once, sorted by place. Never throws for what stands in
/// the file.
tl::expected<Config, std::vector<Diagnostic>> load_config(
    const std::filesystem::path& file, Secrets secrets = Secrets::resolve,
    const std::optional<RulesText>& instead = std::nullopt);

/// The place in the file of the byte `offset` of an expression's source, for a caret under a mistake in it;
/// as near as quotes, escapes and folded lines of YAML allow. file_lines: Config::lines.
SourceLocation place_in(const Expression& expression, std::size_t offset,
                        const std::vector<std::string>& file_lines);

/// The JSON Schema (draft 2020-12) of the configuration, for editors.
std::string config_json_schema();

/// "usher.yaml:12:5: unknown key 'pepole' in the configuration; did you mean 'people'?" with the line and a
/// caret below it.
std::string to_string(const Diagnostic& mistake);

}  // namespace usher
