#pragma once

#include <filesystem>

#include "engine/cli/command.hpp"

namespace usher::cli {

inline constexpr Option report_option{"report", 0, "FILE",
                                      "also write the plan as a report: FILE.html, FILE.md or FILE.csv"};

/// --output of commands whose result is a plan.
inline constexpr Option plan_output_option{"output", 'o', "text|json|markdown|html|csv",
                                           "how the result is written to standard output", "text"};

/// Prints the plan to standard output where --output asks for markdown, html or csv; false: it asks for
/// something else. outcome: what became of the plan; empty: it was only made.
bool printed_as_report(const Call& call, const Plan& plan, ExitCode code, const std::string& outcome = {});

/// Writes the plan as a report of the kind that the ending of the file's name says; mode 0600, whole or not
/// at all. Throws CommandError(usage) for another ending.
void write_report(const Call& call, const std::filesystem::path& file, const Plan& plan, ExitCode code);

}  // namespace usher::cli
