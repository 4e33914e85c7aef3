#include "state/model/fingerprint.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <vector>

namespace usher {
namespace {

Fingerprinter with_seed(unsigned char byte) {
  return Fingerprinter(std::vector<unsigned char>(32, byte));
}

TEST(Fingerprint, DependsOnTheSecret) {
  EXPECT_EQ(with_seed(1).of_id("x"), with_seed(1).of_id("x"));
  EXPECT_NE(with_seed(1).of_id("x"), with_seed(2).of_id("x"));
}

TEST(Fingerprint, PeopleAndAccountsNeverShareAKey) {
  EXPECT_NE(with_seed(1).of_id("E1"), with_seed(1).of_person("E1"));
}

TEST(Fingerprint, PartBoundariesCount) {
  const Fingerprinter prints = with_seed(1);
  EXPECT_NE(prints.of({"ab", "c"}), prints.of({"a", "bc"}));
  EXPECT_NE(prints.of({"ab"}), prints.of({"ab", ""}));
}

TEST(Fingerprint, HexIsReversible) {
  const Fingerprint print = with_seed(7).of_id("somebody");
  EXPECT_EQ(Fingerprint::from_hex(print.hex()), print);
  EXPECT_THROW(Fingerprint::from_hex("12"), std::invalid_argument);
  EXPECT_THROW(Fingerprint::from_hex(std::string(32, 'G')), std::invalid_argument);
}

TEST(Fingerprint, NeedsARealSecret) {
  EXPECT_THROW(Fingerprinter(std::vector<unsigned char>(8, 1)), std::invalid_argument);
}

TEST(PublicDigest, IsTheSameEverywhere) {
  EXPECT_EQ(public_digest("usher"), public_digest("usher"));
  EXPECT_EQ(public_digest("usher").size(), 32U);
  EXPECT_NE(public_digest("usher"), public_digest("Usher"));
}

}  // namespace
}  // namespace usher
