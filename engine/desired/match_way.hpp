#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/desired/planning_input.hpp"

namespace usher {

/// One way to find an account by a value of a person: a match rule, or the platform's natural key.
struct MatchWay {
  std::string path;  ///< of the attribute that has the value; "id": the account's id
  bool fold_case = false;

  /// Of values that this way takes for the same.
  Fingerprint digest(const Fingerprinter& fingerprints, std::string_view value) const;
  /// The value of an account; empty when there is none.
  std::string_view value_of(std::string_view id, simdjson::dom::element attributes) const;
};

/// The match rules in their order, then the natural key where the platform has one.
std::vector<MatchWay> match_ways(const Target& target);

}  // namespace usher
