#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/desired/source_records.hpp"

namespace usher {

/// What the accounts of one platform hold in one attribute.
struct FieldProfile {
  std::string path;
  std::uint64_t filled = 0;      ///< accounts that have it
  std::uint64_t distinct = 0;    ///< different values, upper and lower case the same
  std::uint64_t texts = 0;       ///< of the filled: a text, …
  std::uint64_t lists = 0;       ///< … a list
  std::uint64_t longest = 0;     ///< characters of the longest text
  std::uint64_t references = 0;  ///< texts that are the id of an account of the same platform
  std::uint64_t mails = 0;       ///< texts that look like an e-mail address
  bool nested = false;           ///< the dots of the path lead into objects; false: a column has such a name
  std::vector<std::uint64_t> values;  ///< a digest of each filled value, case folded; sorted
};

/// One entitlement as the accounts hold it.
struct HeldEntitlement {
  std::string kind;
  std::string name;
  std::uint64_t members = 0;
  /// Details that memberships have beside each other, sorted, with how many have just these.
  std::map<std::vector<std::string>, std::uint64_t> details = {};
};

/// What one platform holds, in numbers. Twelve bytes or so an account and attribute are in memory while it is
/// made.
struct PopulationProfile {
  std::string platform;
  std::uint64_t accounts = 0;  ///< without the account this program works as
  std::uint64_t active = 0;
  std::string self;                           ///< that account's id; empty: unknown
  std::string self_label;                     ///< what it is recognised by
  std::string why_not;                        ///< why the pull proves nothing about absence; empty: sealed
  std::vector<FieldProfile> fields;           ///< by path; those of the schema first known, then others
  std::vector<HeldEntitlement> entitlements;  ///< by kind and name
  std::vector<std::string> same_names;        ///< "group engineers": entitlements that share their name

  const FieldProfile* field(const std::string& path) const;
};

/// The kind of entitlement whose names a column of a file holds: "group" for groups; empty: none.
std::string kind_of_column(std::string_view path);

/// Counts the last snapshot of a platform.
PopulationProfile profile(Snapshots& snapshots, const Source& source, const Capabilities& capabilities);

/// How well two attributes tell which accounts of two platforms belong together.
struct Overlap {
  std::string from, to;  ///< paths
  std::uint64_t unique =
      0;  ///< accounts of the first with exactly one on the second, and the other way round
  std::uint64_t ambiguous = 0;  ///< accounts of the first whose value several have, on one side or the other
  std::uint64_t none = 0;  ///< accounts of the first whose value nobody has on the second, or without one
};

/// Compares two attributes, upper and lower case the same. accounts: of the first platform.
Overlap overlap(const FieldProfile& from, const FieldProfile& to, std::uint64_t accounts);

}  // namespace usher
