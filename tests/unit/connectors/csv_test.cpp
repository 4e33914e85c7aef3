#include "connectors/platforms/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "source_fixture.hpp"

namespace usher {
namespace {

using nlohmann::json;
using test::pull;
using test::Pulled;
using testing::ElementsAre;
using testing::HasSubstr;

class CsvTest : public test::SourceTest {
 protected:
  Pulled read(const std::string& text, std::map<std::string, std::string> options = {}) {
    options.emplace("path", write("people.csv", text));
    options.emplace("key", "id");
    auto made = make_csv(settings("csv", options));
    if (!made) {
      for (const Mistake& mistake : made.error()) ADD_FAILURE() << mistake.message;
      return {};
    }
    return pull(**made);
  }
  std::string failure(const std::string& text, std::map<std::string, std::string> options = {}) {
    const Pulled pulled = read(text, std::move(options));
    EXPECT_TRUE(pulled.failure.has_value());
    return pulled.failure ? describe(*pulled.failure) : "";
  }
};

TEST_F(CsvTest, MakesARecordOfEveryRow) {
  const Pulled pulled = read("id,mail,name\n7,ada@x.org,Ada\n8,,\"O'Neil, \"\"Bo\"\"\"\n");
  ASSERT_FALSE(pulled.failure);
  ASSERT_EQ(pulled.accounts.size(), 2U);
  EXPECT_EQ(pulled.accounts[0].id, "7");
  EXPECT_TRUE(pulled.accounts[0].active);
  EXPECT_EQ(pulled.accounts[0].attributes, R"({"id":"7","mail":"ada@x.org","name":"Ada"})");
  EXPECT_EQ(pulled.accounts[1].attributes, R"({"id":"8","mail":"","name":"O'Neil, \"Bo\""})");
  EXPECT_EQ(pulled.accounts[1].memberships, "{}");
}

TEST_F(CsvTest, SortsAttributesByNameWhateverTheOrderOfColumns) {
  EXPECT_EQ(read("name,id\nAda,7\n").accounts.at(0).attributes,
            read("id,name\n7,Ada\n").accounts.at(0).attributes);
}

TEST_F(CsvTest, NamesTheLineOfARowWithTooFewCellsAndCountsTheOthers) {
  EXPECT_THAT(failure("id,mail\n1,a\n2\n3,c\n4,d,e\n5\n"),
              HasSubstr("people.csv:3: 1 cells where the header has 2 (2 more bad records follow)"));
}

}  // namespace
}  // namespace usher
