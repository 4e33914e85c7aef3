#pragma once

#include <cstdint>

#include "engine/apply/apply_report.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Throws CommandError(usage) for a run that is unknown or changed no platform.
void expect_undoable(Database& database, std::int64_t run);

/// Before an undo is carried out: until when no sync does it again. Also when it is killed on its way, what
/// it put back by then stays so.
/// earlier: the run that began it, whose holds these replace; 0: none did.
void begin_undo(Database& database, const Plan& plan, std::int64_t run, std::int64_t earlier);

/// What the state remembers once an undo is carried out: links that it ends, and holds of the run that is
/// undone that it ends, where everything of the account was put back; and what was not put back is held off
/// no longer.
void conclude_undo(Database& database, const Plan& plan, const ApplyReport& report);

}  // namespace usher
