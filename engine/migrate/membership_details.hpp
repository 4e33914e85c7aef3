#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/migrate/population_profile.hpp"

namespace usher {

/// The details that memberships of an entitlement have and that another kind knows too, sorted.
std::vector<std::string> shared_details(const HeldEntitlement& held, const EntitlementKind& kind);

/// How many memberships have a detail that is not among these (sorted).
std::uint64_t memberships_beyond(const HeldEntitlement& held, const std::vector<std::string>& details);

/// The details of somebody's membership, or none, where `person` holds them by kind and name:
/// `person.allowed.?group[?"engineers"].orValue([])`.
std::string read_details(const std::string& person, const std::string& kind, const std::string& name);

}  // namespace usher
