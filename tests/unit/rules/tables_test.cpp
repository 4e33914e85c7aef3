#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/config.hpp"
#include "scratch.hpp"

namespace usher {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class TablesTest : public testing::Test {
 protected:
  tl::expected<Config, std::vector<Diagnostic>> load(const std::string& csv) {
    scratch_.write("sites.csv", csv);
    return load_config(scratch_.write("usher.yaml",
                                      "version: 1\nplatforms: {hr: {connector: csv}}\naccounts: {}\n"
                                      "people: {from: hr, key: record.id}\ntables:\n  sites: sites.csv\n"));
  }
  std::string mistake(const std::string& csv) {
    const auto loaded = load(csv);
    return loaded ? "none" : loaded.error().at(0).place.to_string() + ": " + loaded.error().at(0).message;
  }
  test::Scratch scratch_;
};

TEST_F(TablesTest, ReadsKeysAndValues) {
  const auto loaded = load("\xEF\xBB\xBFnote,value,key\r\nx,Europe/Paris,PAR\r\n,\"a, b\",BER\r\n");
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->tables.at("sites"), ElementsAre(Pair("BER", "a, b"), Pair("PAR", "Europe/Paris")));
}

TEST_F(TablesTest, ReportsWhatIsWrong) {
  EXPECT_EQ(mistake("a,b\n1,2\n"),
            "sites.csv:1:1: a table needs a header with the columns 'key' and 'value'");
  EXPECT_EQ(mistake("key,value\na,1\na,2\n"), "sites.csv: row 3 repeats the key 'a'");
  EXPECT_EQ(mistake("key,value\na\n"), "sites.csv: row 2 has 1 cells, the header 2");
  EXPECT_EQ(mistake("key,value\na,\"b\n"), "sites.csv: a quote after row 1 is wrong or not closed");
  EXPECT_THAT(mistake(""), HasSubstr("usher.yaml:6:10: the table sites.csv is empty"));
  EXPECT_THAT(mistake("key,value\n\xFF,b\n"), HasSubstr("is not UTF-8 text"));
}

TEST_F(TablesTest, ADifferentTableIsADifferentRule) {
  EXPECT_NE(load("key,value\na,1\n")->digest, load("key,value\na,2\n")->digest);
  EXPECT_EQ(load("key,value\na,1\nb,2\n")->digest, load("key,value\nb,2\na,1\n")->digest);
}

}  // namespace
}  // namespace usher
