#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "state/store/rows.hpp"

namespace usher {

/// An account whose first secret the platform made, and which nobody got: the reply that held it was lost.
struct LostSecret {
  std::string platform, person, account;
};

/// Whose first secrets are lost, until they are renewed or the account goes. Writes join the caller's
/// transaction or are one each.
class LostSecrets {
 public:
  explicit LostSecrets(Connection& connection) : connection_(connection) {}

  void put(const LostSecret& lost);
  void forget(std::string_view platform, std::string_view account);
  /// By platform and person.
  std::vector<LostSecret> all();

 private:
  Connection& connection_;
};

}  // namespace usher
