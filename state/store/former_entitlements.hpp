#pragma once

#include <string_view>
#include <vector>

#include "state/model/account.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

// Entitlements as they were called before a pull found them renamed or gone, for answers about the past.

/// Oldest first; of one entitlement several, when it was renamed more than once.
std::vector<Entitlement> former_entitlements(Connection& connection, PlatformId platform);

/// Remembers the name that the entitlement had. until: when the pull ended that did not find it so.
void remember_former(Connection& connection, PlatformId platform, const Entitlement& entitlement,
                     std::string_view until);

}  // namespace usher
