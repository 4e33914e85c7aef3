#pragma once

#include "engine/report/plan_outcome.hpp"
#include "state/model/plan.hpp"
#include "state/model/plan_json.hpp"

namespace usher {

/// Writes the changes of a plan as the script of the HTML report reads them: JSON of a tenth of the plan's
/// own size, which a browser takes in at once. {"rows": [...], "texts": [...]}, a row being [act, platform,
/// because, person, account, label, held, takes, fields, memberships, not done], a field [path, rule, before,
/// after], a membership [act, kind, entitlement, name, because, before, after], what is not done [state,
/// message]. Of act, platform, because, path, rule, kind, entitlement and name, which many changes share,
/// there stands the place in "texts". held: 1 where a guard holds an operation of it; takes: 1 where one
/// takes something away. outcome: what became of the plan; null: it was only made. Nothing is escaped for
/// HTML.
void write_html_changes(const Plan& plan, const PlanOutcome* outcome, const TextSink& sink);

}  // namespace usher
