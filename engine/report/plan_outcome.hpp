#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/apply/apply_report.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// What became of a plan that a run carried out. What no guard held and `not_done` does not name is done.
struct PlanOutcome {
  struct NotDone {
    OperationState state = OperationState::failed;
    std::string message;
  };
  std::int64_t run = 0;
  std::string sentence;                     ///< "Run 57 carried it out: 12 done, 2 failed."
  std::map<std::string, NotDone> not_done;  ///< by id of the operation
};

PlanOutcome outcome_of(const Plan& plan, const ApplyReport& report);
/// Of a run in the state, with all of its operations.
PlanOutcome outcome_of(const Plan& plan, const RunState& run, const std::vector<JournalEntry>& operations);

/// What became of each change, in the order of the plan: "done", "held", "failed: 409 taken"; several where
/// its operations differ.
std::vector<std::string> outcomes_by_change(const Plan& plan, const PlanOutcome& outcome);

}  // namespace usher
