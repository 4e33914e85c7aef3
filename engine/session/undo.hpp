#pragma once

#include "engine/apply/apply_report.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// What the state remembers once an undo is carried out: links that it ends where everything of the account
/// was put back, and until when no sync does it again.
void conclude_undo(Database& database, const Plan& plan, const ApplyReport& report);

}  // namespace usher
