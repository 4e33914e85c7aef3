#include <gtest/gtest.h>

#include "engine/cli/help_text.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/shell.hpp"

namespace usher {
namespace {

TEST(GoldenHelp, Overview) {
  expect_golden("help/overview.txt", Shell{}.run({"help"}).out);
}

TEST(GoldenHelp, EveryTopic) {
  for (const std::string& topic : cli::help_topics())
    expect_golden("help/" + topic + ".txt", Shell{}.run({"help", topic}).out);
}

TEST(GoldenHelp, FitsEightyColumns) {
  std::vector<std::string> texts{cli::overview_help()};
  for (const std::string& topic : cli::help_topics()) texts.push_back(*cli::topic_help(topic));
  for (const std::string& text : texts) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_EQ(clipped(line, 80), line);
  }
}

}  // namespace
}  // namespace usher
