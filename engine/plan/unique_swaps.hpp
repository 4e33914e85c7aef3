#pragma once

#include "engine/desired/desired_state.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Finds accounts of one platform that would have to exchange what is unique there (two people who swapped
/// their e-mails, or more in a circle): whichever write comes first, the platform refuses it, in every run.
/// Takes these writes out of the plan and says so; everything else of the accounts stays planned.
void note_exchanges(Plan& plan, const Target& target);

}  // namespace usher
