#include "engine/runtime/log.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

namespace usher {
namespace {

class Log : public testing::Test {
 protected:
  void open(LogLevel from, bool json, bool journal = false) {
    LogOptions options;
    options.from = from;
    options.json = json;
    options.journal = journal;
    options.write = [this](std::string_view line) { lines.emplace_back(line); };
    options.now = [] { return std::chrono::system_clock::from_time_t(1777604400); };  // 2026-05-01 03:00 UTC
    open_log(std::move(options));
  }
  void TearDown() override { close_log(); }

  static LogEvent failed_update() {
    LogEvent event;
    event.level = LogLevel::warning;
    event.platform = "iot";
    event.object = "ada@example.com";
    event.action = "update";
    event.reason = "500 unavailable";
    event.request = "PATCH /users/7f-22";
    event.status = 500;
    event.retry = 2;
    event.took = std::chrono::milliseconds(12);
    event.wait = std::chrono::milliseconds(1500);
    return event;
  }

  std::vector<std::string> lines;
};

TEST_F(Log, TextHasTimeLevelRunPlatformObjectActionReason) {
  open(LogLevel::info, false);
  log(failed_update());
  set_log_run(17);
  log(failed_update());
  LogEvent news;
  news.message = "started";
  log(news);
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{
          "2026-05-01T03:00:00.000Z warning iot ada@example.com update PATCH /users/7f-22 500 12 ms (retry "
          "2) "
          "waits 1.5 s: 500 unavailable",
          "2026-05-01T03:00:00.000Z warning run 17 iot ada@example.com update PATCH /users/7f-22 500 12 ms "
          "(retry 2) waits 1.5 s: 500 unavailable",
          "2026-05-01T03:00:00.000Z info    run 17 started"}));
}

TEST_F(Log, EveryKeyIsDocumentedOnce) {
  open(LogLevel::info, true);
  set_log_run(17);
  LogEvent event = failed_update();
  event.message = "anything else";
  log(event);
  const auto read = [](const char* page) {
    std::ifstream file(std::string(USHER_SOURCE_DIR "/docs/") + page);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string page = read("logging.md"), other = read("reports.md");
  const auto line = nlohmann::json::parse(lines.at(0));
  for (const auto& [key, value] : line.items())
    EXPECT_NE(page.find("| `" + key + "` |"), std::string::npos) << key;
  EXPECT_NE(other.find("(logging.md#as-json)"), std::string::npos);
}

TEST_F(Log, JsonHasOneObjectALine) {
  open(LogLevel::info, true);
  set_log_run(17);
  log(failed_update());
  log(failed_update());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0],
            R"({"ts":"2026-05-01T03:00:00.000Z","level":"warning","run":17,"seq":1,"platform":"iot",)"
            R"("key":"ada@example.com","op":"update","cause":"500 unavailable","call":"PATCH /users/7f-22",)"
            R"("status":500,"ms":12,"retry":2,"wait_ms":1500})");
  EXPECT_EQ(nlohmann::json::parse(lines[1]).at("seq"), 2);
}

TEST_F(Log, JournaldReadsTheLevelOfEachLine) {
  open(LogLevel::trace, false, true);
  for (const LogLevel level :
       {LogLevel::error, LogLevel::warning, LogLevel::info, LogLevel::debug, LogLevel::trace})
    log({.level = level, .platform = "iot"});
  ASSERT_EQ(lines.size(), 5U);
  std::string levels;
  for (const std::string& line : lines) levels += line.substr(0, 3);
  EXPECT_EQ(levels, "<3><4><6><7><7>");
  EXPECT_EQ(lines[0], "<3>2026-05-01T03:00:00.000Z error   iot");
}

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
  open(LogLevel::error, false);
  log(failed_update());
  EXPECT_TRUE(lines.empty());
}

TEST_F(Log, NoDataBreaksALine) {
  LogEvent event;
  event.object = "a\nb\x1b[2J\xff";
  open(LogLevel::info, false);
  log(event);
  open(LogLevel::info, true);
  log(event);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("a\\nb\\u001b[2J\\xff"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(lines[1]).at("key"), "a\nb\x1b[2J\uFFFD");
}

TEST_F(Log, TakesLinesFromManyThreads) {
  open(LogLevel::info, false);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([] {
        for (int line = 0; line < 100; ++line) log(failed_update());
      });
  }
  EXPECT_EQ(lines.size(), 400U);
}

TEST(LogBefore, ItIsOpenedNothingIsWritten) {
  close_log();
  EXPECT_NO_THROW(log({}));
}

}  // namespace
}  // namespace usher
