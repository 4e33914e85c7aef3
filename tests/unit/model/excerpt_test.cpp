#include "state/model/excerpt.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace usher {
namespace {

TEST(Excerpt, NeverEndsInsideACharacter) {
  const std::string text = "aé漢😀é漢😀aé";
  for (std::size_t longest = 3; longest <= text.size() + 1; ++longest) {
    const std::string shown = excerpt(text, longest);
    EXPECT_LE(shown.size(), longest);
    EXPECT_NO_THROW(static_cast<void>(nlohmann::json(shown).dump())) << longest;
    EXPECT_EQ(shown == text, longest >= text.size());
  }
}

TEST(Excerpt, TakesWhatIsNoTextByBytes) {
  EXPECT_EQ(whole_characters(std::string(100, '\x80'), 50), 50U);
  EXPECT_EQ(whole_characters("\x80\x80", 1), 1U);
  EXPECT_EQ(whole_characters("é", 1), 0U);
  EXPECT_EQ(whole_characters("", 0), 0U);
}

}  // namespace
}  // namespace usher
