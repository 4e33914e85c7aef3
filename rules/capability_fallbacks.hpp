#pragma once

#include <string>
#include <vector>

#include "rules/accounts.hpp"

namespace usher {

/// Something a platform cannot do, and what the rules choose in its place.
struct CapabilityFallback {
  std::string platform;
  std::string key;      ///< "create", "leavers.without-disable", "without-update"
  std::string chosen;   ///< "report", "lock", "delete", "recreate"
  std::string message;  ///< one sentence, with the other choices there are
};

/// The choices of one platform's rules; none where it can do all that they may ask for.
std::vector<CapabilityFallback> capability_fallbacks(const AccountProgram& program);

}  // namespace usher
