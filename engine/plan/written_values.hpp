#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/store/database.hpp"

namespace usher {

/// The attributes that the rules of one platform set and that no pull shows: what usher wrote to them last,
/// as far as the journal remembers. Immutable; safe from any thread.
class WrittenValues {
 public:
  explicit WrittenValues(const Target& target);

  /// By path; empty for an account that usher neither created nor changed there. A create that left an
  /// attribute out wrote null. connection: of the calling thread.
  std::map<std::string, nlohmann::json> of(Connection& connection, const std::string& account) const;

 private:
  std::string platform_;  // name
  std::vector<std::string> paths_;
};

}  // namespace usher
