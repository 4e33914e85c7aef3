#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/shell.hpp"

namespace usher {
namespace {

class Init : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Shell::Result usher(const std::string& command) const {
    return Shell{}.run({command, "--no-secrets", "--config", file.string()});
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("usher-init-" + std::to_string(getpid()));
  const std::filesystem::path file = folder / "usher.yaml";
};

TEST_F(Init, WritesWhatValidateAccepts) {
  const auto written = Shell{}.run({"init", "--config", file.string()});
  EXPECT_EQ(written.code, ExitCode::done) << written.err;
  EXPECT_NE(written.out.find(file.string()), std::string::npos);
  const auto checked = usher("validate");
  EXPECT_EQ(checked.code, ExitCode::done) << checked.out;
}

TEST_F(Init, NeverOverwrites) {
  std::ofstream(file) << "mine";
  const auto result = Shell{}.run({"init", "--config", file.string()});
  EXPECT_EQ(result.code, ExitCode::failed);
  EXPECT_NE(result.err.find("--config FILE"), std::string::npos) << result.err;
  std::ifstream stream(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "mine");
}

TEST_F(Init, SaysWhereItCannotWrite) {
  const auto result = Shell{}.run({"init", "--config", (folder / "none" / "usher.yaml").string()});
  EXPECT_EQ(result.code, ExitCode::failed);
  EXPECT_NE(result.err.find("No such file or directory"), std::string::npos) << result.err;
}

TEST_F(Init, ValidateListsEveryMistakeWithItsPlace) {
  std::ofstream(file) << "version: 1\npepole: {}\nplatforms: {hr: {path: x.csv}}\n";
  const auto result = usher("validate");
  EXPECT_EQ(result.code, ExitCode::configuration_invalid);
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find("usher.yaml:2:1: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("usher.yaml:3:"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace usher
