#include "engine/desired/case_folding.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace usher {
namespace {

struct TextPair {
  std::string a, b;
  bool same;  ///< on every platform
};

TEST(CaseFolding, WhatSomePlatformTakesForTheSameIsEqual) {
  const std::vector<TextPair> pairs{
      {"Kim@Example.COM ", "kim@example.com", true},
      {"\u00C9mile", "\u00E9mile", true},
      {"\u03A3ig", "\u03C3ig", true},
      {"stra\u00DFe", "strasse", false},
      {"stra\u00DFe", "STRA\u1E9EE", false},
      {"\u212Aim", "kim", false},
      {"per\u017Fon", "person", false},
      {"\u0130stanbul", "istanbul", false},
      {"\u0131stanbul", "istanbul", false},
      {"\u03C2ig", "\u03C3ig", false},       // final sigma
      {"\u03C2ig", "\u03A3IG", false},       //
      {"e\u0301mile", "\u00E9mile", false},  // decomposed
      {"e\u0301mile", "\u00C9mile", false},  //
      {"\uFB01nn", "finn", false},           // a ligature
      {"\uFF4Bim", "kim", false},            // full width
      {"k\u200Bim", "kim", false},           // a space of no width
      {"k\u2028im", "kim", false},           // a line separator
      {"k\u06DDim", "kim", false},           // a format character
      {"k\x07im", "kim", false},             // a control character
      {"kim\t", "kim", true},
      {"\u1F80", "\u1F00\u03B9", false},  // iota subscript
  };
  for (const TextPair& pair : pairs) {
    EXPECT_EQ(loosely_folded(pair.a), loosely_folded(pair.b)) << pair.a << " and " << pair.b;
    EXPECT_EQ(surely_same(pair.a, pair.b), pair.same) << pair.a << " and " << pair.b;
    EXPECT_EQ(surely_same(pair.b, pair.a), pair.same) << pair.b << " and " << pair.a;
  }
}

TEST(CaseFolding, OtherLettersStayOther) {
  EXPECT_NE(loosely_folded("\u00E9mile"), loosely_folded("emile"));
  EXPECT_NE(loosely_folded("kim"), loosely_folded("kin"));
  EXPECT_NE(loosely_folded("\u00F8re"), loosely_folded("ore"));
}

TEST(CaseFolding, FoldingTwiceIsFoldingOnce) {
  for (const char* text : {"\u0130", "\u0131", "\u1E9E", "\u03C2", "\u212B", "\u0345\u0391", "i\u0307\u0307",
                           "\uFF29\u0307", "A\u00AD"}) {
    const std::string once = loosely_folded(text);
    EXPECT_EQ(loosely_folded(once), once) << text;
  }
}

TEST(CaseFolding, ManyMarksAndNoUtf8AreLeftAsTheyAre) {
  std::string tower = "a";
  for (int i = 0; i < 100000; ++i) tower += i % 2 == 0 ? "\u0301" : "\u0327";
  EXPECT_EQ(loosely_folded(tower), tower);
  EXPECT_EQ(loosely_folded("\xC3(kim"), "\xC3(kim");
}

}  // namespace
}  // namespace usher
