#pragma once

#include <filesystem>

#include "engine/cli/command.hpp"

namespace usher::cli {

inline constexpr Option report_option{"report", 0, "FILE",
                                      "also write the plan as a report: FILE.html, FILE.md or FILE.csv"};

/// Writes the plan as a report of the kind that the ending of the file's name says; mode 0600, whole or not
/// at all. Throws CommandError(usage) for another ending.
void write_report(const Call& call, const std::filesystem::path& file, const Plan& plan, ExitCode code);

}  // namespace usher::cli
