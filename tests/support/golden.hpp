#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace usher {

/// Compares with tests/golden/<name>, byte for byte. USHER_ACCEPT=1 in the environment rewrites the file
/// instead; the change is then judged in the diff of the commit.
inline void expect_golden(const std::string& name, const std::string& actual) {
  const auto file = std::filesystem::path(USHER_SOURCE_DIR) / "tests/golden" / name;
  if (std::getenv("USHER_ACCEPT") != nullptr) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << actual;
    return;
  }
  std::ifstream stream(file, std::ios::binary);
  ASSERT_TRUE(stream) << file << " is missing; USHER_ACCEPT=1 writes it";
  std::ostringstream expected;
  expected << stream.rdbuf();
  EXPECT_EQ(actual, expected.str()) << "differs from " << file << "; USHER_ACCEPT=1 accepts what is new";
}

}  // namespace usher
