// tests/golden/config/NAME.yaml is a configuration with mistakes, NAME.expected what a person is told about
// them. USHER_ACCEPT=1 rewrites what is expected.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "rules/config.hpp"

namespace usher {
namespace {

const std::filesystem::path folder = std::filesystem::path(USHER_SOURCE_DIR) / "tests/golden/config";

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") found.push_back(entry.path().stem().string());
  std::sort(found.begin(), found.end());
  return found;
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class ConfigGoldenTest : public testing::TestWithParam<std::string> {};

TEST_P(ConfigGoldenTest, SaysWhatIsExpected) {
  std::filesystem::current_path(folder);
  const auto loaded = load_config(GetParam() + ".yaml");
  std::string said = loaded ? "no mistake\n" : "";
  if (!loaded)
    for (const Diagnostic& mistake : loaded.error()) said += to_string(mistake) + "\n";
  const std::filesystem::path expected = folder / (GetParam() + ".expected");
  if (std::getenv("USHER_ACCEPT") != nullptr) std::ofstream(expected, std::ios::binary) << said;
  EXPECT_EQ(said, read(expected));
}

INSTANTIATE_TEST_SUITE_P(Golden, ConfigGoldenTest, testing::ValuesIn(names()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace usher
