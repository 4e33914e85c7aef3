#pragma once

#include <string>
#include <vector>

#include "engine/migrate/population_profile.hpp"

namespace usher {

/// One side of a migration.
struct Side {
  PopulationProfile profile;
  const Capabilities* can = nullptr;
  std::vector<Entitlement> entitlements;
};

/// One attribute of the new platform and where its value comes from.
struct Mapping {
  std::string to;          ///< path on the new platform
  std::string from;        ///< path on the old one, or two of them, for a person
  std::string person;      ///< the person's attribute between the two
  std::string expression;  ///< over `record`
  std::string remark;      ///< what is not exact about it; empty: nothing
};

/// One group of the old platform and what it becomes.
struct GroupMapping {
  std::string kind;  ///< on the old platform
  std::string name;
  std::uint64_t members = 0;
  std::string to_kind;                    ///< on the new one; empty: it has none of that name
  std::vector<std::string> details = {};  ///< of its memberships that the new one knows too, sorted
};

/// What does not come along.
struct Loss {
  std::string what;
  std::uint64_t accounts = 0;  ///< that have it; 0: not counted
  std::string why;
};

/// What becomes of accounts that may not log in.
enum class Disabled {
  as_they_are,  ///< they arrive disabled, where the new platform can hold such
  locked,       ///< they arrive locked, where it cannot
  left,         ///< they are not moved
};

struct ProposalOptions {
  std::string key;            ///< expression of people.key; empty: the account's id, or a file's key
  std::string first_secrets;  ///< file that first secrets of new accounts go to; empty: they are discarded
  Disabled disabled = Disabled::as_they_are;
};

/// How accounts move from one platform to another, worked out from what both hold and can do. It is an
/// ordinary configuration: `rules` holds its sections `people` and `accounts`, and everything else says why
/// they look so.
struct Migration {
  std::string from, to;
  PopulationProfile source, target;
  std::vector<Overlap> overlaps;  ///< of mapped attributes that hold texts, the best first
  std::vector<Overlap> match;     ///< those the rules match by
  std::vector<Mapping> mapping;
  std::vector<GroupMapping> groups;
  std::vector<Loss> losses;
  std::string rules;     ///< YAML
  bool proposed = true;  ///< false: the rules were given; mapping and match are then empty
};

/// Proposes rules: attributes of the same meaning are mapped, people are matched by the attribute that is
/// unique on the new platform, groups of the same name are given, and nothing is ever taken away. Depends on
/// what the platforms can hold, on which attributes of the old one hold anything, and on the names of groups:
/// not on who has moved already, so that an interrupted migration goes on with the same rules.
Migration propose(const Side& from, const Side& to, const ProposalOptions& options);

/// The same report about rules that were given.
Migration describe_given(const Side& from, const Side& to, std::string rules);

/// The sections `people` and `accounts` that do what a migration says; options.key is given.
std::string rules_text(const Migration& migration, const Side& from, const Side& to,
                       const ProposalOptions& options);

/// Whether accounts that may not log in get one on the new platform that may not either.
bool moves_disabled(const Capabilities& to, Disabled disabled);

/// The text as a YAML scalar in single quotes.
std::string quoted_yaml(const std::string& text);

}  // namespace usher
