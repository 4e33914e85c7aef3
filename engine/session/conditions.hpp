#pragma once

#include <vector>

#include "engine/apply/apply_report.hpp"
#include "engine/pull/pull_report.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// What is so after pulls: credentials refused, nothing reachable, interrupted, or no proof that everything
/// was seen.
Conditions conditions_of(const std::vector<PullReport>& reports);
/// What is so of a plan that is not applied: no seal, something held, a note that asks for attention,
/// changes.
Conditions conditions_of(const Plan& plan);
/// What is so after an apply of `plan`: all of the plan but its changes, and what was not done.
Conditions conditions_of(const ApplyReport& report, const Plan& plan);

/// conditions_of().code() of each.
ExitCode exit_code(const std::vector<PullReport>& reports);
ExitCode exit_code(const Plan& plan);
ExitCode exit_code(const ApplyReport& report, const Plan& plan);

}  // namespace usher
