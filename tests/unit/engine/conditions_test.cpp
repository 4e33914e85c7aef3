#include "engine/session/conditions.hpp"

#include <gtest/gtest.h>

namespace usher {
namespace {

using Codes = std::vector<ExitCode>;

PullReport pulled(bool sealed, std::optional<FailureKind> failure = std::nullopt) {
  PullReport report;
  report.platform = "iot";
  report.read = true;
  report.sealed = sealed;
  if (failure) report.failure = Failure{.kind = *failure};
  return report;
}

Plan plan_with(NoteKind kind, const std::string& accepted_until = {}) {
  Plan plan;
  plan.notes.push_back({"iot", "E1", "", kind, "it is so", "", "", accepted_until});
  return plan;
}

ApplyReport applied(OperationState state, std::uint64_t done, bool interrupted = false, bool stale = false) {
  ApplyReport report;
  report.counts["iot"][OperationState::done] = done;
  report.counts["iot"][state] = 1;
  report.troubles.push_back({{}, state, "why", stale});
  report.interrupted = interrupted;
  return report;
}

TEST(Conditions, AreNamedAllAndTheFirstDecides) {
  Conditions all;
  for (const ExitCodeMeaning& each : exit_codes()) all.add(each.code);
  const Codes order{ExitCode::usage,       ExitCode::configuration_invalid,
                    ExitCode::locked,      ExitCode::credentials_refused,
                    ExitCode::unreachable, ExitCode::source_incomplete,
                    ExitCode::lane_held,   ExitCode::plan_stale,
                    ExitCode::time_budget, ExitCode::done_in_part,
                    ExitCode::failed,      ExitCode::changes_pending};
  EXPECT_EQ(all.all(), order);
  EXPECT_EQ(all.code(), ExitCode::usage);
  EXPECT_EQ(Conditions().code(), ExitCode::done);
  Conditions two(ExitCode::changes_pending);
  two.add(ExitCode::lane_held);
  EXPECT_EQ(to_string(two), "4 lane-held, 2 changes-pending");
}

TEST(Conditions, OfPulls) {
  EXPECT_EQ(exit_code({pulled(true)}), ExitCode::done);
  EXPECT_EQ(exit_code({pulled(false)}), ExitCode::source_incomplete);
  EXPECT_EQ(exit_code({pulled(false, FailureKind::refused)}), ExitCode::credentials_refused);
  EXPECT_EQ(exit_code({pulled(false, FailureKind::unreachable)}), ExitCode::unreachable);
  EXPECT_EQ(exit_code({pulled(false, FailureKind::stopped)}), ExitCode::time_budget);
  const Conditions both = conditions_of(
      {pulled(false, FailureKind::unreachable), pulled(false), pulled(false, FailureKind::refused)});
  EXPECT_EQ(both.all(),
            (Codes{ExitCode::credentials_refused, ExitCode::unreachable, ExitCode::source_incomplete}));
}

TEST(Conditions, OfAPlanWithNotes) {
  EXPECT_EQ(exit_code(plan_with(NoteKind::rule_error)), ExitCode::done_in_part);
  EXPECT_EQ(exit_code(plan_with(NoteKind::claimed)), ExitCode::done_in_part);
  EXPECT_EQ(exit_code(plan_with(NoteKind::no_disable)), ExitCode::done_in_part);
  EXPECT_EQ(exit_code(plan_with(NoteKind::not_read)), ExitCode::source_incomplete);
  EXPECT_EQ(exit_code(plan_with(NoteKind::reported)), ExitCode::done);
  EXPECT_EQ(exit_code(plan_with(NoteKind::waits)), ExitCode::done);
  EXPECT_EQ(exit_code(plan_with(NoteKind::own_account)), ExitCode::done);
  EXPECT_EQ(exit_code(plan_with(NoteKind::claimed, "2026-12-31T00:00:00Z")), ExitCode::done) << "accepted";
}

TEST(Conditions, OfAnApply) {
  const Plan plan;
  EXPECT_EQ(exit_code(ApplyReport{}, plan), ExitCode::done);
  EXPECT_EQ(exit_code(applied(OperationState::failed, 1), plan), ExitCode::done_in_part);
  EXPECT_EQ(exit_code(applied(OperationState::failed, 0), plan), ExitCode::failed);
  EXPECT_EQ(exit_code(applied(OperationState::skipped, 1, true), plan), ExitCode::time_budget);
  EXPECT_EQ(exit_code(applied(OperationState::skipped, 1, false, true), plan), ExitCode::plan_stale);
  Plan held;
  held.objections.push_back({"iot", GuardKind::removals, 3, 2, 10, "held"});
  held.operations.emplace_back();
  EXPECT_EQ(conditions_of(applied(OperationState::failed, 1), held).all(),
            (Codes{ExitCode::lane_held, ExitCode::done_in_part}));
  EXPECT_EQ(exit_code(held), ExitCode::lane_held);
  EXPECT_TRUE(conditions_of(held).has(ExitCode::changes_pending));
}

}  // namespace
}  // namespace usher
