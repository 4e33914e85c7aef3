#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/store/database.hpp"

namespace usher {

/// A value of an attribute, in the form in which a platform holds it for the same as another.
struct UniqueValue {
  std::uint32_t path = 0;  ///< number of the attribute among the unique ones
  Fingerprint value;

  friend auto operator<=>(const UniqueValue&, const UniqueValue&) = default;
};

/// An account that has a value.
struct ValueHolder {
  UniqueValue value;
  Fingerprint account;

  friend auto operator<=>(const ValueHolder&, const ValueHolder&) = default;
};

/// The living accounts that have one of these values, sorted by value. One pass over the accounts.
std::vector<ValueHolder> holders_of(const Database& database, const Target& target,
                                    const std::vector<std::string>& paths, std::vector<UniqueValue> values);

/// A text as values of the attribute are compared: as the platform normalises it, and without regard to case
/// where a match rule finds accounts so.
Fingerprint compared(const Database& database, const Target& target, const std::string& path,
                     const std::string& text);

}  // namespace usher
