#pragma once

#include <string>

#include "engine/apply/apply_report.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Counts how often in a row the same operations of plans about everybody were held by the same guards, and
/// remembers it in the state. now: RFC 3339, UTC.
HeldInARow count_held(Database& database, const Plan& plan, const std::string& now);

/// What was counted last was told at length, so that the same need not be.
void remember_told(Database& database);

}  // namespace usher
