// An expression knows its place in the file, so that a mistake in it can be shown where it was written.

#include <gtest/gtest.h>

#include "rules/config.hpp"
#include "scratch.hpp"

namespace usher {
namespace {

class PlaceTest : public testing::Test {
 protected:
  /// Loads a configuration whose people.active is `yaml`; gives where `word` of its expression stands.
  std::string place_of(const std::string& word, const std::string& yaml) {
    const auto loaded =
        load_config(scratch_.write("usher.yaml",
                                   "version: 1\nplatforms: {hr: {connector: csv}}\naccounts: {}\npeople:\n"
                                   "  from: hr\n  key: record.id\n  active: " +
                                       yaml + "\n"));
    if (!loaded) return to_string(loaded.error().at(0));
    const Expression& active = loaded->people.active;
    const std::size_t offset = active.source.find(word);
    if (offset == std::string::npos) return "not in " + active.source;
    const SourceLocation place = place_in(active, offset, loaded->lines);
    const std::string& line = loaded->lines.at(static_cast<std::size_t>(place.line) - 1);
    std::size_t at = 0;
    for (int column = 1; column < place.column; ++at)
      if ((static_cast<unsigned char>(line[at + 1]) & 0xC0U) != 0x80U) ++column;
    return std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
           line.substr(at, word.size());
  }
  test::Scratch scratch_;
};

TEST_F(PlaceTest, FollowsPlainText) {
  EXPECT_EQ(place_of("record", "record.x && foo"), "7:11 record");
  EXPECT_EQ(place_of("foo", "record.x && foo"), "7:23 foo");
  EXPECT_EQ(place_of("foo", "record.é == \"ü\" && foo"), "7:30 foo");
}

TEST_F(PlaceTest, FollowsQuotedText) {
  EXPECT_EQ(place_of("a", "\"a == \\\"b\\\" && foo\""), "7:12 a");
  EXPECT_EQ(place_of("foo", "\"a == \\\"b\\\" && foo\""), "7:26 foo");
  EXPECT_EQ(place_of("foo", "'a == ''b'' && foo'"), "7:26 foo");
}

TEST_F(PlaceTest, FollowsBlocksAndFoldedLines) {
  EXPECT_EQ(place_of("foo", "|\n    record.x &&\n      bar ||\n    foo"), "10:5 foo");
  EXPECT_EQ(place_of("bar", "|\n    record.x &&\n      bar ||\n    foo"), "9:7 bar");
  EXPECT_EQ(place_of("foo", ">-\n    record.x &&\n    foo"), "9:5 foo");
  EXPECT_EQ(place_of("foo", "record.x &&\n    bar || foo"), "8:12 foo");
  EXPECT_EQ(place_of("foo", "'record.x &&\n    bar || foo'"), "8:12 foo");
}

TEST_F(PlaceTest, FollowsTheElementsOfAList) {
  EXPECT_EQ(place_of("foo", "[a, 'b',   c + foo]"), "7:26 foo");
  EXPECT_EQ(place_of("b", "[a, 'b',   c + foo]"), "7:16 b");
  EXPECT_EQ(place_of("foo", "\n    - a\n    - b + foo"), "9:11 foo");
  EXPECT_EQ(place_of("foo", "[[a], [b, foo]]"), "7:21 foo");
}

TEST_F(PlaceTest, StaysAtTheNearestPlaceItKnows) {
  EXPECT_EQ(place_of("foo", "\"a == \\x41 && foo\"").substr(0, 5), "7:17 ");
}

}  // namespace
}  // namespace usher
