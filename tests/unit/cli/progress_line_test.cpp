#include "engine/cli/progress_line.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace usher::cli {
namespace {

using namespace std::chrono_literals;

class ProgressLineTest : public testing::Test {
 protected:
  ProgressLine line(bool shown = true, std::size_t width = 80) {
    return {err, shown, [width] { return width; }, [this](std::string_view text) { told.emplace_back(text); },
            [this] { return now; }};
  }
  /// What was written since the last call.
  std::string written() {
    const std::string text = err.str();
    err.str("");
    return text;
  }

  std::ostringstream err;
  std::vector<std::string> told;
  std::chrono::steady_clock::time_point now{1h};
};

TEST_F(ProgressLineTest, IsSilentForASecond) {
  auto progress = line();
  progress.advance("pull iot", 0, 1000);
  now += 999ms;
  progress.advance("pull iot", 500, 1000);
  progress.finish("pull iot", 1000);
  EXPECT_EQ(written(), "");
}

TEST_F(ProgressLineTest, ShowsTotalsAndRateAndErasesItself) {
  auto progress = line();
  progress.advance("pull iot", 0, 10000);
  now += 2s;
  progress.advance("pull iot", 2500, 10000);
  EXPECT_EQ(written(), "\rpull iot 2,500 of 10,000 (25 %), 1,250/s, 6.0 s left");
  progress.finish("pull iot", 10000);
  EXPECT_EQ(written(), "\r\x1b[K");
}

TEST_F(ProgressLineTest, DoesNotRedrawMoreThanTenTimesASecond) {
  auto progress = line();
  progress.advance("diff", 0, std::nullopt);
  now += 2s;
  progress.advance("diff", 1, std::nullopt);
  EXPECT_NE(written(), "");
  now += 99ms;
  progress.advance("diff", 2, std::nullopt);
  EXPECT_EQ(written(), "");
}

TEST_F(ProgressLineTest, KeepsSeveralStagesInTheWidthOfTheTerminal) {
  auto progress = line(true, 40);
  progress.advance("pull a", 0, std::nullopt);
  progress.advance("pull b", 0, std::nullopt);
  now += 4s;
  progress.advance("pull b", 400, std::nullopt);
  const std::string text = written();
  EXPECT_EQ(text, "\rpull a 0, 0/s · pull b 400, 100/s");
  now += 1s;
  progress.advance("pull a", 123456789, 987654321);
  EXPECT_EQ(written(), "\r\x1b[K\rpull a 123,456,789 of 987,654,321 (12 %");
}

TEST_F(ProgressLineTest, LinesOfTheLogStandAboveIt) {
  auto progress = line();
  progress.advance("pull a", 0, std::nullopt);
  now += 2s;
  progress.advance("pull a", 2, std::nullopt);
  written();
  progress.write("a line");
  EXPECT_EQ(written(), "\r\x1b[Ka line\n\rpull a 2, 1/s");
}

TEST_F(ProgressLineTest, WithoutATerminalOnlyLinesAreWritten) {
  auto progress = line(false);
  progress.advance("pull a", 0, std::nullopt);
  now += 2s;
  progress.advance("pull a", 2, std::nullopt);
  progress.write("a line");
  progress.finish("pull a", 2);
  EXPECT_EQ(written(), "a line\n");
}

TEST_F(ProgressLineTest, ShowsASlowBeginningFromTheFirstSecond) {
  auto progress = line();
  progress.tick();
  progress.advance("pull iot", 0, 1000);
  now += 999ms;
  progress.tick();
  EXPECT_EQ(written(), "");
  now += 101ms;
  progress.tick();
  EXPECT_EQ(written(), "\rpull iot 0 of 1,000 (0 %), 0/s");
  progress.tick();
  EXPECT_EQ(written(), "") << "nothing new within a tenth of a second";
}

TEST_F(ProgressLineTest, AServiceManagerIsToldEverySecond) {
  auto progress = line(false);
  progress.advance("pull a", 0, 10);
  EXPECT_TRUE(told.empty());
  now += 2s;
  progress.advance("pull a", 2, 10);
  now += 200ms;
  progress.advance("pull a", 3, 10);
  now += 1s;
  progress.advance("pull a", 4, 10);
  EXPECT_EQ(told, (std::vector<std::string>{"pull a 2 of 10 (20 %), 1/s, 8.0 s left",
                                            "pull a 4 of 10 (40 %), 1/s, 4.8 s left"}));
  EXPECT_EQ(written(), "");
}

TEST_F(ProgressLineTest, NoPlatformNameMovesTheCursor) {
  auto progress = line();
  progress.advance("pull \x1b[2J", 0, std::nullopt);
  now += 2s;
  progress.advance("pull \x1b[2J", 2, std::nullopt);
  EXPECT_EQ(written(), "\rpull \\u001b[2J 2, 1/s");
}

TEST_F(ProgressLineTest, TakesCallsFromManyThreads) {
  auto progress = line();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&progress, i] {
        const std::string stage = "stage " + std::to_string(i);
        for (std::uint64_t done = 0; done < 1000; ++done) progress.advance(stage, done, 1000);
        progress.write(stage);
        progress.finish(stage, 1000);
      });
  }
  const std::string text = written();
  for (int i = 0; i < 4; ++i) EXPECT_NE(text.find("stage " + std::to_string(i) + "\n"), std::string::npos);
}

}  // namespace
}  // namespace usher::cli
