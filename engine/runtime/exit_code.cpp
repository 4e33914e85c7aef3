#include "engine/runtime/exit_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace usher {

namespace {

/// Each code but `done`; the first that is so is the one a command ends with.
constexpr std::array precedence{ExitCode::usage,       ExitCode::configuration_invalid,
                                ExitCode::locked,      ExitCode::credentials_refused,
                                ExitCode::unreachable, ExitCode::source_incomplete,
                                ExitCode::lane_held,   ExitCode::plan_stale,
                                ExitCode::time_budget, ExitCode::done_in_part,
                                ExitCode::failed,      ExitCode::changes_pending};

std::size_t rank(ExitCode code) {
  return static_cast<std::size_t>(std::find(precedence.begin(), precedence.end(), code) - precedence.begin());
}

}  // namespace

ExitCodeMeaning describe(ExitCode code) {
  switch (code) {
    case ExitCode::done:
      return {code, "done", "Everything asked for is done, or there was nothing to do."};
    case ExitCode::failed:
      return {code, "failed", "The command failed, or no operation of a run was done; the message says why."};
    case ExitCode::changes_pending:
      return {code, "changes-pending", "A plan was made and holds changes. Nothing was written."};
    case ExitCode::done_in_part:
      return {code, "done-in-part",
              "Some operations failed, are unknown or were kept back after a wave, or somebody gets nothing "
              "or not everything and the configuration did not choose that. The rest is done."};
    case ExitCode::lane_held:
      return {code, "lane-held", "A guard holds some operations; the rest is done or can be."};
    case ExitCode::plan_stale:
      return {code, "plan-stale",
              "The configuration, the state or an account is no longer as the plan relied on. "
              "Plan again."};
    case ExitCode::locked:
      return {code, "locked", "Another usher works on this state; the message names it."};
    case ExitCode::source_incomplete:
      return {code, "source-incomplete",
              "A platform was not read, or without proof that everything was seen, so nobody was taken for "
              "absent there."};
    case ExitCode::time_budget:
      return {code, "time-budget",
              "Interrupted, or the time budget is used up. Run the same command again to go on."};
    case ExitCode::usage:
      return {code, "usage", "The command line is wrong; the message says where."};
    case ExitCode::unreachable:
      return {code, "unreachable", "A platform could not be reached."};
    case ExitCode::credentials_refused:
      return {code, "credentials-refused", "A platform refused the configured credentials."};
    case ExitCode::configuration_invalid:
      return {code, "configuration-invalid", "The configuration has mistakes; all of them are listed."};
  }
  return {code, "unknown", "An older usher ended so."};
}

std::vector<ExitCodeMeaning> exit_codes() {
  std::vector<ExitCodeMeaning> all{describe(ExitCode::done)};
  for (const ExitCode code : precedence) all.push_back(describe(code));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.code < b.code; });
  return all;
}

std::string_view name(ExitCode code) {
  return describe(code).name;
}

void Conditions::add(ExitCode code) {
  if (code == ExitCode::done || has(code)) return;
  codes_.push_back(code);
  std::sort(codes_.begin(), codes_.end(), [](ExitCode a, ExitCode b) { return rank(a) < rank(b); });
}

void Conditions::add(const Conditions& others) {
  for (const ExitCode code : others.codes_) add(code);
}

bool Conditions::has(ExitCode code) const {
  return std::find(codes_.begin(), codes_.end(), code) != codes_.end();
}

std::string to_string(const Conditions& conditions) {
  std::string text;
  for (const ExitCode code : conditions.all()) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", static_cast<int>(code), name(code));
  }
  return text;
}

}  // namespace usher
