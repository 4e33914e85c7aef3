#pragma once

#include <string>
#include <vector>

#include "state/model/plan.hpp"

namespace usher {

/// The lines at the head of a plan that undoes a run: which run, until when no sync does it again, and how
/// many links end; empty for any other plan.
std::string undo_text(const Plan& plan);

/// For each change of the plan, in its order, the operations that no undo brings back: "delete, revoke
/// api-token"; an empty text where there are none. Held operations are left out.
std::vector<std::string> irreversible_by_change(const Plan& plan);

/// The line below a plan that counts the operations that no undo brings back once the plan is applied; empty
/// when there are none.
std::string irreversible_text(const Plan& plan);

}  // namespace usher
