// tests/unit/engine/tables/completeness.yaml is a table of what a pull is worth; its head says how to read
// it.
#include "engine/pull/completeness.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/yaml_json.hpp"

namespace usher {
namespace {

using nlohmann::json;

Page page_of(const json& text) {
  Page page;
  page.listing = text.value("listing", "users");
  page.accounts.resize(text.value("accounts", std::size_t{0}));
  page.items = text.value("items", page.accounts.size());
  for (int i = 1; i <= text.value("bad", 0); ++i) page.bad.push_back({"item " + std::to_string(i), "odd"});
  page.vanished.assign(text.value("vanished", std::size_t{0}), "u-9");
  if (text.contains("total")) page.total = text.at("total").get<std::uint64_t>();
  page.no_total = text.value("no-total", "");
  page.moved = text.value("moved", "");
  page.permanent = text.value("permanent", false);
  page.no_proof = text.value("no-proof", "");
  return page;
}

json followed(const json& one) {
  Completeness pull;
  std::uint64_t accounts = 0;
  for (const json& text : one.at("pages")) {
    const Page page = page_of(text);
    accounts += page.accounts.size();
    pull.add(page);
  }
  if (const auto times = one.value("repeated", std::uint64_t{0}); times > 0)
    pull.repeated(times, "engineers");
  const Completeness::Counts counts{one.value("distinct", accounts),
                                    one.value("seen-again", std::uint64_t{0})};
  return {{"objection", pull.objection(counts)},
          {"drift", pull.may_be_drift(counts)},
          {"counted", pull.counts_prove(counts)}};
}

TEST(CompletenessTable, SaysWhatAPullIsWorth) {
  const json cases =
      test::json_of(YAML::LoadFile(USHER_SOURCE_DIR "/tests/unit/engine/tables/completeness.yaml"));
  ASSERT_GT(cases.size(), 20U);
  for (const json& one : cases) {
    const json expected = {{"objection", one.value("objection", "")},
                           {"drift", one.value("drift", false)},
                           {"counted", one.value("counted", false)}};
    EXPECT_EQ(followed(one), expected) << one.at("case");
  }
}

TEST(CompletenessTable, TellsALossThatIsTooLarge) {
  Completeness pull;
  Page page;
  page.may_lose = 10;
  pull.add(page);
  EXPECT_EQ(pull.loss(95, 100), "");
  EXPECT_EQ(pull.loss(90, 100), "");
  EXPECT_NE(pull.loss(89, 100), "");
  EXPECT_EQ(pull.loss(5, 10), "") << "five may always go";
  EXPECT_EQ(pull.loss(0, 1), "nobody was answered at all, and there was 1 account before")
      << "but not everybody";
  EXPECT_EQ(pull.loss(0, 2), "nobody was answered at all, and there were 2 accounts before");
  page.may_be_empty = true;
  pull.add(page);
  EXPECT_EQ(pull.loss(0, 1), "");
}

}  // namespace
}  // namespace usher
