#include "engine/session/conditions.hpp"

#include <algorithm>

namespace usher {

namespace {

ExitCode condition_of(const PullReport& report) {
  if (!report.read || report.sealed) return ExitCode::done;
  if (!report.failure) return ExitCode::source_incomplete;
  switch (report.failure->kind) {
    case FailureKind::refused:
      return ExitCode::credentials_refused;
    case FailureKind::stopped:
      return ExitCode::time_budget;
    case FailureKind::unreachable:
      return report.pages == 0 ? ExitCode::unreachable : ExitCode::source_incomplete;
    case FailureKind::cut:
    case FailureKind::throttled:
    case FailureKind::unavailable:
    case FailureKind::denied:
    case FailureKind::gone:
    case FailureKind::conflict:
    case FailureKind::already_so:
    case FailureKind::invalid:
    case FailureKind::malformed:
    case FailureKind::unsupported:
      return ExitCode::source_incomplete;
  }
  return ExitCode::source_incomplete;
}

/// Everything a plan says of itself but that it has changes.
Conditions standing_conditions(const Plan& plan) {
  Conditions result;
  for (const Seal& seal : plan.seals)
    if (!seal.sealed) result.add(ExitCode::source_incomplete);
  if (!plan.objections.empty()) result.add(ExitCode::lane_held);
  for (const Note& note : plan.notes) {
    if (note.kind == NoteKind::not_read) result.add(ExitCode::source_incomplete);
    if (severity_of(note) == Severity::attention) result.add(ExitCode::done_in_part);
  }
  return result;
}

bool is_failure(OperationState state, bool interrupted) {
  switch (state) {
    case OperationState::done:
      return false;
    case OperationState::planned:
    case OperationState::skipped:
      return !interrupted;
    case OperationState::sent:
    case OperationState::failed:
    case OperationState::unknown:
    case OperationState::owed:
      return true;
  }
  return true;
}

}  // namespace

Conditions conditions_of(const std::vector<PullReport>& reports) {
  Conditions result;
  for (const PullReport& report : reports) result.add(condition_of(report));
  return result;
}

Conditions conditions_of(const Plan& plan) {
  Conditions result = standing_conditions(plan);
  if (!plan.operations.empty()) result.add(ExitCode::changes_pending);
  return result;
}

Conditions conditions_of(const ApplyReport& report, const Plan& plan) {
  std::uint64_t done = 0;
  for (const auto& [platform, states] : report.counts) {
    const auto found = states.find(OperationState::done);
    if (found != states.end()) done += found->second;
  }
  Conditions result = standing_conditions(plan);
  for (const OperationReport& trouble : report.troubles) {
    if (report.interrupted) result.add(ExitCode::time_budget);
    if (trouble.stale) result.add(ExitCode::plan_stale);
    if (is_failure(trouble.state, report.interrupted))
      result.add(done > 0 ? ExitCode::done_in_part : ExitCode::failed);
  }
  return result;
}

ExitCode exit_code(const std::vector<PullReport>& reports) {
  return conditions_of(reports).code();
}

ExitCode exit_code(const Plan& plan) {
  return conditions_of(plan).code();
}

ExitCode exit_code(const ApplyReport& report, const Plan& plan) {
  return conditions_of(report, plan).code();
}

}  // namespace usher
