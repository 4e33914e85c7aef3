#include "engine/runtime/terminal_text.hpp"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(Visible, LeavesWritingAndEscapesControl) {
  EXPECT_EQ(escaped("Zoë O’Neil 山田 👩‍💻"), "Zoë O’Neil 山田 👩‍💻");
  EXPECT_EQ(escaped("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(escaped("\x1b[31m"), "\\u001b[31m");
  EXPECT_EQ(escaped("\x7f"), "\\u007f");
  EXPECT_EQ(escaped("\u0085\u009b"), "\\u0085\\u009b");
  EXPECT_EQ(escaped("\u202Eevil"), "\\u202eevil");
  EXPECT_EQ(escaped("User 2\u200b\u2060\u061c\u180e\U000e0041"),
            "User 2\\u200b\\u2060\\u061c\\u180e\\ue0041");
  EXPECT_EQ(escaped("ab\u200dc \u200cd"), "ab\\u200dc \\u200cd");  // joiners join no Latin letters
  EXPECT_EQ(escaped("می\u200cخواهم"), "می\u200cخواهم");
  EXPECT_EQ(escaped_lines("a\x1b\nb\n"), "a\\u001b\nb\n");
  EXPECT_EQ(escaped("\xc3("), "\\xc3(");
  EXPECT_EQ(escaped(std::string_view("\0", 1)), "\\u0000");
}

TEST(Grouped, HasACommaEveryThreeDigits) {
  EXPECT_EQ(with_separators(0), "0");
  EXPECT_EQ(with_separators(999), "999");
  EXPECT_EQ(with_separators(1000), "1,000");
  EXPECT_EQ(with_separators(1234567), "1,234,567");
}

TEST(DurationText, ChoosesItsUnit) {
  EXPECT_EQ(duration_text(0.04), "0.0 s");
  EXPECT_EQ(duration_text(-1), "0.0 s");
  EXPECT_EQ(duration_text(59.94), "59.9 s");
  EXPECT_EQ(duration_text(61), "1 min 1 s");
  EXPECT_EQ(duration_text(3600), "1 h 0 min");
  EXPECT_EQ(duration_text(90000), "1 d 1 h");
}

TEST(TableText, IsNotWidenedByOneLongCell) {
  Table table({Table::Align::left, Table::Align::left});
  table.row({"E1", "one"});
  table.row({std::string(500, 'x'), "two"});
  table.row({"E33", "three"});
  EXPECT_EQ(table.text(), "E1   one\n" + std::string(500, 'x') + "  two\nE33  three\n");
}

TEST(TableText, WrapsItsLastColumnBelowItself) {
  Table table({Table::Align::left, Table::Align::left});
  table.row({"E1", "one"});
  table.row({"E33", "two three four five six seven eight"});
  EXPECT_EQ(table.text_within(31, 2),
            "  E1   one\n"
            "  E33  two three four five six\n"
            "       seven eight\n");
  EXPECT_EQ(table.text_within(30, 2),  // too little room beside the first column
            "  E1   one\n"
            "  E33\n"
            "      two three four five six\n"
            "      seven eight\n");
  EXPECT_EQ(table.text_within(80, 2), table.text(2));
  EXPECT_EQ(wrapped("two three four five", 9, 2, 14), "two three four\n  five");
}

TEST(Ordinal, HasTheEndingOfItsNumber) {
  EXPECT_EQ(ordinal(1), "1st");
  EXPECT_EQ(ordinal(12), "12th");
  EXPECT_EQ(ordinal(22), "22nd");
  EXPECT_EQ(ordinal(113), "113th");
  EXPECT_EQ(ordinal(3), "3rd");
}

TEST(Clipped, CountsColumnsNotBytes) {
  EXPECT_EQ(clipped("Zoë", 3), "Zoë");
  EXPECT_EQ(clipped("Zoë", 2), "Zo");
  EXPECT_EQ(clipped("山田", 3), "山");
}

TEST(TableText, LinesUpByWhatATerminalShows) {
  Table table({Table::Align::left, Table::Align::right, Table::Align::left});
  table.row({"Zoë", "1", "x"});
  table.row({"山田太", "1,000"});
  EXPECT_EQ(table.text(1), " Zoë         1  x\n 山田太  1,000\n");
}

TEST(WrappedLines, GoOnInLinesThatAreIndented) {
  const std::string text = "short\n  one two three four five\n\nlast";
  EXPECT_EQ(wrapped_lines(text, 0), text);
  EXPECT_EQ(wrapped_lines(text, 80), text);
  EXPECT_EQ(wrapped_lines(text, 16), "short\n  one two three\n      four five\n\nlast");
  EXPECT_EQ(wrapped_lines("  averylongword", 6), "  averylongword");
}

TEST(Wrapped, BreaksBetweenWords) {
  EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(wrapped("unbreakable", 3, 0), "unbreakable");
}

}  // namespace
}  // namespace usher
