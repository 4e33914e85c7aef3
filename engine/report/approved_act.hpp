#pragma once

#include <string>

#include "state/model/plan.hpp"

namespace usher {

/// What one operation of a plan does, on one line, for whoever looks at an approval later: "iot
/// remove-membership ada@example.com: group engineers".
std::string approved_act(const Plan& plan, const Operation& operation);

}  // namespace usher
