#pragma once

#include <functional>
#include <string>

#include "engine/cli/command.hpp"
#include "engine/report/plan_outcome.hpp"
#include "state/model/plan_json.hpp"

namespace usher::cli {

inline constexpr Option report_option{.name = "report",
                                      .value = "FILE",
                                      .about = "also write a report: FILE.html, FILE.md or FILE.csv",
                                      .writes = true};

/// --output of commands whose result is a plan.
inline constexpr Option plan_output_option{"output", 'o', "text|json|markdown|html|csv",
                                           "format of the result on standard output", "text"};

/// Prints the plan to standard output where --output asks for markdown, html or csv; false: it asks for
/// something else. outcome: what became of the plan; null: it was only made.
bool printed_as_report(const Call& call, const Plan& plan, ExitCode code,
                       const PlanOutcome* outcome = nullptr);

/// Refuses a --report whose ending is none of a report's, or that cannot be written, before anything is done.
/// Throws CommandError(usage, failed).
void check_report_file(const Call& call);

/// Writes the plan to the file that --report names, if it does, as the kind of report that the file's ending
/// says, whole or not at all; of mode 0600, or who could read the file before can read it still. outcome: as
/// above. Throws CommandError(failed).
void write_report_file(const Call& call, const Plan& plan, ExitCode code,
                       const PlanOutcome* outcome = nullptr);
/// The same beside a report on standard output, which a file that cannot be written must not cost: then
/// `failed` is among the conditions, and the result is what to say below that report.
std::string try_report_file(const Call& call, const Plan& plan, Conditions& conditions,
                            const PlanOutcome* outcome = nullptr);
/// The same of any report. write: is told the kind, "html", "markdown" or "csv".
void write_report_file(const Call& call,
                       const std::function<void(const std::string& kind, const TextSink& to)>& write);

}  // namespace usher::cli
