#include "rules/config.hpp"

#include <gtest/gtest.h>

#include <string>

namespace usher {
namespace {

TEST(DiagnosticTest, ShowsALongLineAroundItsColumn) {
  const Diagnostic mistake{{"f", 3, 301}, "wrong", std::string(300, 'x') + "Z" + std::string(300, 'y')};
  const std::string text = to_string(mistake);
  const std::size_t z = text.find('Z') - text.rfind('\n', text.find('Z'));
  const std::size_t caret = text.find('^') - text.rfind('\n', text.find('^'));
  EXPECT_EQ(z, caret + 2) << "the ellipsis takes three bytes and one column";
  EXPECT_LT(text.size(), 300U);
}

TEST(DiagnosticTest, LetsNoControlCharacterThrough) {
  EXPECT_EQ(to_string({{"f", 3, 2}, "wrong", "\x1B[31mred"}), "f:3:2: wrong\n 3 |  [31mred\n   |  ^");
}

}  // namespace
}  // namespace usher
