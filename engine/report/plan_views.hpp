#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/report/plan_outcome.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/plan.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// Writes the plan as one HTML file that loads nothing: what, how many and why on one screen, removals first,
/// every change with before, after, rule and reason, to be searched, filtered and sorted. Everything from
/// data is escaped, and the file's own content security policy allows no other script than its own. runs: for
/// the charts of the last runs, newest first. outcome: what became of the plan; null: it was only made.
void write_plan_html(const Plan& plan, ExitCode code, const std::vector<RunState>& runs,
                     const PlanOutcome* outcome, const TextSink& sink);

/// The largest comment or description of a merge request that the common forges take, less some room.
inline constexpr std::size_t markdown_limit = 60'000;

/// The plan as Markdown for a merge request. At most `limit` bytes: what does not fit is left out, from the
/// end, and said. outcome: what became of it; null: it was only made.
std::string plan_markdown(const Plan& plan, const PlanOutcome* outcome = nullptr,
                          std::size_t limit = markdown_limit);

/// Writes the plan as CSV for a spreadsheet: one row for each attribute and membership that changes, one for
/// a change without any. A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or
/// a line break) begins with an apostrophe instead. outcome: what became of it, as a last column; null: it
/// was only made.
void write_plan_csv(const Plan& plan, const PlanOutcome* outcome, const TextSink& sink);

}  // namespace usher
