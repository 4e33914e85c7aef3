#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "state/model/settings.hpp"

namespace usher {

/// A CEL expression as written, with its place; or a constant ({value: …} in the configuration).
struct Expression {
  std::string source;                   ///< CEL; empty when constant
  std::optional<std::string> constant;  ///< JSON text of the constant
  Place place;                          ///< of the first character of the expression
};

/// match: one way to find the account of a person that is not linked yet.
struct MatchRule {
  std::string account;  ///< attribute path on the platform
  Expression person;
  bool fold_case = false;  ///< compare without regard to case
  Place place;
};

/// groups: one entitlement a rule gives.
struct GroupRule {
  std::string kind;                  ///< "group" unless the rule says so
  std::string name;                  ///< name or id of the entitlement
  std::vector<std::string> details;  ///< actions and the like
  Expression when;                   ///< no source: always
  Place place;
};

/// What happens, and how long after leaving; nullopt days: never. 0: now.
struct LeaverRules {
  std::optional<int> disable_after_days = 0;
  std::optional<int> delete_after_days;
  std::string without_disable = "report";  ///< report, lock, delete: where the platform cannot disable
};

/// A limit: the larger of percent of the population and at_least.
struct Guard {
  double percent = 10;
  std::uint64_t at_least = 2;
  Place place;
};

/// accounts: what each person has on one platform.
struct AccountRules {
  std::string platform;
  Expression who;  ///< no source: everybody
  std::vector<MatchRule> match;
  std::vector<std::pair<std::string, Expression>> set;  ///< attribute path -> value, in the order of the file
  std::optional<std::vector<GroupRule>> groups;         ///< nullopt: memberships are unmanaged
  LeaverRules leavers;
  std::map<std::string, Guard> guards;  ///< by name: create, update, disable, removals
  bool create = true;                   ///< missing accounts are created
  Place place;
};

/// people: who should exist.
struct PeopleRules {
  std::vector<std::string> from;  ///< source platforms in order of authority
  Expression key;
  std::vector<std::pair<std::string, Expression>> attributes;
  Expression active;  ///< no source: everybody in the source
  Place place;
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
  std::string digest;              ///< of the rules that decide a plan; secrets and comments do not count
  std::vector<std::string> lines;  ///< the file, for carets in messages
};

/// Reads and checks a configuration; resolves ${env:…}, ${file:…}, ${cmd:…}, ${cred:…}. All mistakes at once,
/// sorted by place. Never throws for what stands in the file.
tl::expected<Config, std::vector<Mistake>> load_config(const std::filesystem::path& file);

/// The JSON Schema (draft 2020-12) of the configuration, for editors.
std::string config_json_schema();

/// "usher.yaml:12:5: unknown key 'pepole', did you mean 'people'?" with the line and a caret below it.
std::string to_string(const Mistake& mistake);

}  // namespace usher
