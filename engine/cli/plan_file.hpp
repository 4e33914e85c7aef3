#pragma once

#include <filesystem>

#include "state/model/plan.hpp"

namespace usher::cli {

/// Refuses a file that write_plan() would replace and that neither is empty nor begins as a plan does: a
/// mistyped name must not cost anything else. Throws CommandError(failed).
void expect_plan_file(const std::filesystem::path& file);

/// Writes a plan so that `usher apply FILE` can carry out exactly this one: a new file of mode 0600, or
/// readable by whom the one it replaces was; it appears when it is complete. Throws CommandError(failed).
void write_plan(const std::filesystem::path& file, const Plan& plan);

/// Reads what write_plan wrote, or what `usher plan --output json` printed. Throws CommandError(failed) that
/// says what is wrong with it.
Plan read_plan(const std::filesystem::path& file);

}  // namespace usher::cli
