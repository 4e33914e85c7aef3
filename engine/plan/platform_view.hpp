#pragma once

#include "engine/plan/decision.hpp"

namespace usher {

/// What planning has to know of a platform as it was last pulled. target: index into input.targets. Input and
/// names must outlive it.
PlatformView platform_view(Connection& connection, const PlanningInput& input, std::size_t target,
                           const EntitlementNames& names);

}  // namespace usher
