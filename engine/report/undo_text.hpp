#pragma once

#include <string>
#include <vector>

#include "state/model/plan.hpp"

namespace usher {

/// Which run a plan puts back, until when, and how many links end with it; empty: it is no undo.
std::string undo_text(const Plan& plan);

/// What of each change no undo brings back, by the index of the change: "delete, revoke api-token"; empty:
/// nothing.
std::vector<std::string> irreversible_by_change(const Plan& plan);

/// One line that counts what could not be undone if the plan were applied; empty: nothing.
std::string irreversible_text(const Plan& plan);

}  // namespace usher
