#include "engine/runtime/exit_code.hpp"

#include <algorithm>
#include <array>

namespace usher {

namespace {

constexpr std::array<ExitCodeMeaning, 15> codes{{
    {ExitCode::done, "done", "Everything asked for is done, or there was nothing to do."},
    {ExitCode::failed, "failed", "The command failed; the message says why. Nothing more is done."},
    {ExitCode::changes_pending, "changes-pending", "A plan was made and holds changes. Nothing was written."},
    {ExitCode::done_in_part, "done-in-part", "Some operations failed or are unknown; the others are done."},
    {ExitCode::lane_held, "lane-held",
     "A guard holds some operations of a platform; the rest is done or can be."},
    {ExitCode::guard_stopped, "guard-stopped", "A guard stopped everything. Nothing was written."},
    {ExitCode::plan_stale, "plan-stale",
     "The saved plan does not belong to this configuration or state any more. Plan again."},
    {ExitCode::locked, "locked", "Another usher works on this state; the message names it."},
    {ExitCode::source_incomplete, "source-incomplete",
     "A pull ended without proof that it saw everything, so nobody was taken for absent."},
    {ExitCode::time_budget, "time-budget",
     "Interrupted, or the time budget is used up. Run the same command again to go on."},
    {ExitCode::invariant_violated, "invariant-violated",
     "Usher found itself about to break a promise and stopped. Please report it."},
    {ExitCode::usage, "usage", "The command line is wrong; the message says where."},
    {ExitCode::unreachable, "unreachable", "A platform could not be reached."},
    {ExitCode::credentials_refused, "credentials-refused", "A platform refused the configured credentials."},
    {ExitCode::configuration_invalid, "configuration-invalid",
     "The configuration has mistakes; all of them are listed."},
}};

}  // namespace

std::span<const ExitCodeMeaning> exit_codes() {
  return codes;
}

std::string_view name(ExitCode code) {
  const auto found =
      std::find_if(codes.begin(), codes.end(), [code](const auto& each) { return each.code == code; });
  return found == codes.end() ? "unknown" : found->name;
}

}  // namespace usher
