#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Values as usher wrote them last, by the path of the attribute. nullopt: usher wrote one, and nobody knows
/// which the account has.
using Written = std::map<std::string, std::optional<nlohmann::json>>;

/// The attributes that the rules of one platform set and that no pull shows: what usher wrote to them last,
/// as far as the journal remembers. Immutable; safe from any thread.
class WrittenValues {
 public:
  explicit WrittenValues(const Target& target);

  /// Empty for an account that usher neither created nor changed there, or where the journal has forgotten
  /// it. connection: of the calling thread.
  Written of(Connection& connection, const std::string& account) const;
  /// Of an account that usher wrote to, when the journal has forgotten what.
  Written forgotten() const;

 private:
  std::string platform_;  // name
  std::vector<std::string> paths_;
};

}  // namespace usher
