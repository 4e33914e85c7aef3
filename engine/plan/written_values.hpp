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

  /// By path; empty for an account that usher neither created nor changed there, or where the journal has
  /// forgotten it. A create that left an attribute out wrote null; null too, where a change may have
  /// happened. connection: of the calling thread.
  std::map<std::string, nlohmann::json> of(Connection& connection, const std::string& account) const;
  /// Of an account that usher wrote to, when the journal has forgotten what: null for each.
  std::map<std::string, nlohmann::json> forgotten() const;

 private:
  std::string platform_;  // name
  std::vector<std::string> paths_;
};

}  // namespace usher
