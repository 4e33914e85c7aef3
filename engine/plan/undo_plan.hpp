#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// What one run did, that it can be put back: of its operations those that were done and changed something,
/// in order, each with the account it was done to.
std::vector<Operation> done_in(Database& database, std::int64_t run);

/// What is done again when the rules have it their way after an undo: the parts (parts_of) of what the run
/// did and of what reverses the operations that undo it.
std::set<std::string> parts_undone(std::span<const Operation> done, std::span<const Operation> undoing);

/// Whether `undoing` takes back what `done` did: the same attribute, membership or step of one account.
bool reverses(const Operation& undoing, const Operation& done);

/// Whether a plan that undoes a run leaves something of an account as it is, and says so.
bool leaves(const Plan& undo, const std::string& platform, const std::string& account);

/// The plan that puts back what a run did to accounts as the state shows them, and ends the links it made.
/// usual: the plan of this moment: its proofs and what it could not read hold here too, and what is undone
/// and it would do again is noted. Writes nothing.
Plan plan_undo(Database& database, const PlanningInput& input, std::int64_t run, const Plan& usual,
               bool is_held);

}  // namespace usher
