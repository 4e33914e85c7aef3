#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/report/metrics.hpp"
#include "engine/report/status_check.hpp"
#include "engine/runtime/time.hpp"

namespace usher {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* pulled_at = "2026-05-01T03:00:00.000Z";
constexpr std::int64_t hour = 3600;

Status status_of(int exit_code) {
  Status status;
  Status::Platform platform;
  platform.last.name = "iot";
  platform.last.generation = 3;
  platform.last.sealed = true;
  platform.last.accounts = 310;
  platform.last.ended_at = pulled_at;
  platform.last_sealed_at = pulled_at;
  status.platforms.push_back(platform);
  RunState run;
  run.id = 7;
  run.command = "sync";
  run.started_at = pulled_at;
  run.ended_at = "2026-05-01T03:00:20.000Z";
  run.exit_code = exit_code;
  run.summary = R"({"operations": {"iot": {"done": 4, "failed": 1}}})";
  status.runs.push_back(run);
  return status;
}

StatusCheck check_after(const Status& status, std::int64_t seconds) {
  return check_status(status, status.runs, seconds_of(pulled_at) + seconds, 26 * hour);
}

TEST(StatusCheck, IsWellWhileTheLastCompletePullIsYoung) {
  const StatusCheck check = check_after(status_of(0), hour);
  EXPECT_EQ(check.code, CheckCode::ok);
  EXPECT_THAT(check.line, StartsWith("USHER OK - "));
  EXPECT_THAT(check.line, HasSubstr("'iot_age'=3600s;;93600;0"));
}

TEST(StatusCheck, IsCriticalWhenNothingCompleteCameForLong) {
  const StatusCheck check = check_after(status_of(0), 27 * hour);
  EXPECT_EQ(check.code, CheckCode::critical);
  EXPECT_THAT(check.line, HasSubstr("iot was last read completely"));
}

TEST(StatusCheck, TellsALastRunThatWasHeldFromOneThatFailed) {
  EXPECT_EQ(check_after(status_of(4), hour).code, CheckCode::warning);
  EXPECT_EQ(check_after(status_of(77), hour).code, CheckCode::critical);
}

RunState run_of(std::int64_t id, const char* command, int exit_code) {
  RunState run = status_of(exit_code).runs.front();
  run.id = id;
  run.command = command;
  return run;
}

TEST(StatusCheck, JudgesTheLastApplyWhateverCameAfterIt) {
  Status status = status_of(0);
  status.runs = {run_of(9, "pull", 0), run_of(8, "apply", 4), run_of(7, "plan", 4)};
  const StatusCheck held = check_after(status, hour);
  EXPECT_EQ(held.code, CheckCode::warning);
  EXPECT_THAT(held.line, HasSubstr("run 8 (apply) ended as lane-held"));
  EXPECT_THAT(held.line, Not(HasSubstr("(plan)"))) << "the apply has told it";
  status.runs = {run_of(9, "plan", 2), run_of(8, "apply", 1)};
  EXPECT_EQ(check_after(status, hour).code, CheckCode::critical);
  status.runs = {run_of(9, "apply", 0), run_of(8, "offboard", 1), run_of(7, "plan", 4), run_of(6, "pull", 0)};
  EXPECT_EQ(check_after(status, hour).code, CheckCode::ok);
  status.runs = {run_of(9, "offboard", 3), run_of(8, "apply", 0)};
  EXPECT_EQ(check_after(status, hour).code, CheckCode::warning);
  status.runs = {run_of(9, "apply", 0), run_of(8, "pull", 69)};
  EXPECT_EQ(check_after(status, hour).code, CheckCode::critical);
}

TEST(StatusCheck, KnowsNothingOfAnEmptyState) {
  EXPECT_EQ(check_after({}, hour).code, CheckCode::unknown);
}

std::string metrics_of(const Status& status) {
  return metrics_text(&status);
}

TEST(Metrics, EverySampleHasHelpAndType) {
  const std::string text = metrics_of(status_of(3));
  EXPECT_THAT(text, HasSubstr("usher_last_run_exit_code{command=\"sync\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("usher_last_run_duration_seconds{command=\"sync\"} 20\n"));
  EXPECT_THAT(text, HasSubstr("usher_last_apply_operations{platform=\"iot\",state=\"failed\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("# TYPE usher_platform_accounts gauge\nusher_platform_accounts{platform=\"iot\"} 310\n"));
  Status never = status_of(0);
  never.platforms[0].last_sealed_at.clear();
  EXPECT_THAT(metrics_of(never), Not(HasSubstr("last_sealed_pull")));
}

TEST(Metrics, ReadsWhatItWrote) {
  Status odd = status_of(0);
  odd.platforms[0].last.name = "a\"b\\c\nd";
  const std::string first = metrics_of(odd);
  EXPECT_THAT(first, HasSubstr(R"(usher_platform_accounts{platform="a\"b\\c\nd"} 310)"));
  const CommandEnd end{"sync", ExitCode::unreachable, "2026-05-01T04:00:00.000Z", 1.5};
  const std::string second = metrics_text(nullptr, &end, first);
  EXPECT_THAT(second, HasSubstr(R"(usher_platform_accounts{platform="a\"b\\c\nd"} 310)"));
  EXPECT_THAT(second, HasSubstr("usher_state_readable 0\n"));
  EXPECT_THAT(second, HasSubstr("usher_command_last_duration_seconds{command=\"sync\"} 1.5\n"));
  EXPECT_THAT(second, Not(HasSubstr("last_good")));
}

TEST(Metrics, KeepsTheLastGoodEndBesideTheLastEnd) {
  const Status status = status_of(0);
  const CommandEnd good{"sync", ExitCode::done, "2026-05-01T04:00:00.000Z", 1};
  const CommandEnd bad{"sync", ExitCode::lane_held, "2026-05-01T05:00:00.000Z", 1};
  const std::string text = metrics_text(&status, &bad, metrics_text(&status, &good));
  EXPECT_THAT(text, HasSubstr("usher_command_last_good_timestamp_seconds{command=\"sync\"} 1777608000\n"));
  EXPECT_THAT(text, HasSubstr("usher_command_last_end_timestamp_seconds{command=\"sync\"} 1777611600\n"));
}

TEST(Metrics, LeavesOutWhatItWouldNotWrite) {
  for (const char* line :
       {"usher_open_operations{} 7", "usher_open_operations{a=\"b\" 7", "usher_open_operations 7x",
        "usher_open_operations{a=\"\\q\"} 7", "usher_open_operations inf", "usher_other 7",
        "usher_open_operations{A=\"b\"} 7", "usher_open_operations"})
    EXPECT_THAT(metrics_text(nullptr, nullptr, line), Not(HasSubstr("usher_open_operations"))) << line;
  EXPECT_THAT(metrics_text(nullptr, nullptr, "usher_open_operations 9"),
              HasSubstr("usher_open_operations 9\n"));
}

}  // namespace
}  // namespace usher
