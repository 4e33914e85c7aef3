#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/model/settings.hpp"

namespace usher {

/// One entry of `tests`: records, and what the people they declare must and must not have where.
struct RuleTest {
  /// A membership as a rule of `groups` names it.
  struct Membership {
    std::string kind, name;
    auto operator<=>(const Membership&) const = default;
  };
  /// What is expected on one platform; what is not named is not judged.
  struct Expected {
    enum class Account { any, active, none, disabled, deleted };
    std::string platform;
    Account account = Account::any;
    std::vector<std::pair<std::string, std::string>> set;  ///< path -> JSON; "null": no value
    std::vector<Membership> groups, not_groups;
    std::optional<std::vector<Membership>> only_groups;  ///< these and no others
    SourceLocation place;
  };

  std::string name;
  std::string record;               ///< JSON object; empty: the records are in a file
  std::string records;              ///< absolute path of the file
  std::string source;               ///< the platform whose options the file is read with
  std::vector<std::string> people;  ///< keys: the records of nobody else are tried; empty: all are
  std::string now;                  ///< RFC 3339; empty: when the test runs
  std::vector<Expected> expected;
  SourceLocation place;
};

}  // namespace usher
