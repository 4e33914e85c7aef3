#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "state/model/plan.hpp"

namespace usher {

/// How many operations of a plan are done under each approval, as text.
std::map<std::string, std::uint64_t> approved_operations(const Plan& plan);

/// Under which approvals a plan does what a guard would hold; empty: none.
std::string approvals_text(const Plan& plan);

/// How the lanes that are held can be let through; empty: nothing that could be is held.
std::string approving_text(const Plan& plan);

}  // namespace usher
