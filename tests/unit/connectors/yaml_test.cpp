#include "connectors/files/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source_fixture.hpp"

namespace usher {
namespace {

using test::pull;
using test::Pulled;
using testing::HasSubstr;

class YamlSourceTest : public test::SourceTest {
 protected:
  Pulled read(const std::string& text, std::map<std::string, std::string> options = {}) {
    options.emplace("path", write("people.yaml", text));
    options.emplace("key", "id");
    auto made = make_yaml(settings("yaml", options));
    if (made) return pull(**made);
    for (const Diagnostic& mistake : made.error()) ADD_FAILURE() << mistake.message;
    return {};
  }
  std::string failure(const std::string& text) {
    const Pulled pulled = read(text);
    EXPECT_TRUE(pulled.failure.has_value()) << text;
    return pulled.failure ? pulled.failure->message : "";
  }
};

TEST_F(YamlSourceTest, ReadsAList) {
  const Pulled pulled = read(
      "# people\n---\n- id: 7\n  name: Ada\n  x: {b: 1, a: []}\n\n-\n  id: \"8\"\n  text: |\n    one\n\n    "
      "two\n  n: ~\n"
      "  yes: no\n  half: 0.5\n  flag: true\n  quoted: \"true\"\n  zip: 01234\n...\n");
  ASSERT_FALSE(pulled.failure) << pulled.failure->message;
  ASSERT_EQ(pulled.accounts.size(), 2U);
  EXPECT_EQ(pulled.lines, (std::vector<std::uint64_t>{3, 7}));
  EXPECT_EQ(pulled.accounts[0].id, "7");
  EXPECT_EQ(pulled.accounts[0].attributes, R"({"id":7,"name":"Ada","x":{"a":[],"b":1}})");
  EXPECT_EQ(pulled.accounts[1].id, "8");
  EXPECT_EQ(
      pulled.accounts[1].attributes,
      R"({"flag":true,"half":0.5,"id":"8","n":null,"quoted":"true","text":"one\n\ntwo\n","yes":"no","zip":"01234"})");
}

TEST_F(YamlSourceTest, ReadsAFileOfManyChunks) {
  std::string text;
  for (int i = 0; i < 30'000; ++i)
    text += "- id: E" + std::to_string(i) + "\n  name: \"Zoë " + std::to_string(i) + "\"\n";
  const Pulled pulled = read(text);
  ASSERT_FALSE(pulled.failure) << pulled.failure->message;
  ASSERT_EQ(pulled.accounts.size(), 30'000U);
  EXPECT_EQ(pulled.accounts.back().attributes, R"({"id":"E29999","name":"Zoë 29999"})");
  EXPECT_GT(pulled.page_sizes.size(), 1U);
}

TEST_F(YamlSourceTest, SaysWhyADocumentHoldsNoList) {
  EXPECT_THAT(failure("users:\n- id: 1\n"), HasSubstr("a list was expected"));
  EXPECT_THAT(failure("[{id: 1}]\n"), HasSubstr("a list was expected"));
  EXPECT_THAT(failure("- id: 1\n---\n- id: 2\n"), HasSubstr("a list was expected"));
  EXPECT_THAT(failure("- id: 1\nname: Ada\n"), HasSubstr("a list was expected"));
  EXPECT_THAT(read("").no_proof, HasSubstr("it holds no records"));
}

TEST_F(YamlSourceTest, NamesTheLineOfABadRecord) {
  const Pulled pulled =
      read("- id: 1\n- id: 2\n  name: [a\n- id: 3\n- Ada\n- id: 4\n  id: 5\n- {id: 6, x: *y}\n- id: 1\n",
           {{"bad-rows", "quarantine"}});
  ASSERT_FALSE(pulled.failure) << pulled.failure->message;
  EXPECT_EQ(pulled.accounts.size(), 2U);
  ASSERT_EQ(pulled.bad.size(), 5U);
  EXPECT_THAT(pulled.bad[0].why, HasSubstr("not valid YAML"));
  EXPECT_EQ(pulled.bad[1].where, "people.yaml:5");
  EXPECT_EQ(pulled.bad[1].why, "not an object");
  EXPECT_EQ(pulled.bad[2].why, "the key 'id' stands twice");
  EXPECT_EQ(pulled.bad[3].where, "people.yaml:8");
  EXPECT_THAT(pulled.bad[4].why, HasSubstr("stands in line 1 already"));
}

TEST_F(YamlSourceTest, IsNotBroughtDownByAliases) {
  const Pulled endless = read("- id: 1\n- &a {id: 2, again: *a}\n", {{"bad-rows", "quarantine"}});
  EXPECT_FALSE(endless.failure);
  EXPECT_EQ(endless.bad.size(), 1U);
  std::string laughs = "- id: 1\n- id: 2\n  a: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    laughs += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int j = 1; j < 10; ++j) laughs += ", " + alias;
    laughs += "]\n";
  }
  EXPECT_EQ(read(laughs, {{"bad-rows", "quarantine"}}).bad.size(), 1U);
}

TEST_F(YamlSourceTest, RefusesWhatIsNotText) {
  EXPECT_THAT(failure("- id: \"\xFF\xFE\"\n"), HasSubstr("UTF-8"));
  EXPECT_THAT(failure("PK\x03\x04"), HasSubstr("Excel workbook"));
}

TEST_F(YamlSourceTest, MergesKeysWithinAnElement) {
  const Pulled pulled = read(
      "- id: a\n  base: &b {dept: it, site: Rome}\n  more:\n    <<: *b\n    site: Oslo\n"
      "- id: b\n  a: &a {x: 1}\n  c: &c {x: 2, y: 3}\n  all: {<<: [*a, *c]}\n  text: {\"<<\": kept}\n");
  ASSERT_FALSE(pulled.failure) << pulled.failure->message;
  EXPECT_THAT(pulled.accounts[0].attributes, HasSubstr(R"("more":{"dept":"it","site":"Oslo"})"));
  EXPECT_THAT(pulled.accounts[1].attributes, HasSubstr(R"("all":{"x":1,"y":3})"));
  EXPECT_THAT(pulled.accounts[1].attributes, HasSubstr(R"("text":{"<<":"kept"})"))
      << "in quotes it is a name";
  EXPECT_THAT(failure("- id: a\n  more: {<<: text}\n"), HasSubstr("'<<' takes a map or a list of maps"));
  EXPECT_THAT(failure("- id: a\n  base: &b {x: 1}\n- id: b\n  more: {<<: *b}\n"),
              HasSubstr("an alias reaches no further than the element"));
}

TEST_F(YamlSourceTest, MergesThatMultiplyStop) {
  std::string laughs = "- id: 1\n- id: 2\n  a: &a0 {x: 1}\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    laughs += "  a" + std::to_string(i) + ": &a" + std::to_string(i) + " {<<: [" + alias;
    for (int j = 1; j < 10; ++j) laughs += ", " + alias;
    laughs += "]}\n";
  }
  EXPECT_EQ(read(laughs, {{"bad-rows", "quarantine"}}).bad.size(), 1U);
}

TEST_F(YamlSourceTest, NamesATabAndACutLastLine) {
  EXPECT_THAT(failure("- id: a\n  more:\n\t  x: 1\n"), HasSubstr("a tab indents line 3"));
  EXPECT_THAT(failure("- id: a\n- id: b\n  status: acti"), HasSubstr("the last line has no line end"));
  EXPECT_EQ(read("- id: a\n- id: b", {{"unended", "allowed"}}).accounts.size(), 2U);
}

TEST_F(YamlSourceTest, ACutLastLineThatBeginsAnElementLeavesTheOneAboveWhole) {
  const Pulled pulled = read("- id: a\n- id: b\n- id: c", {{"bad-rows", "quarantine"}});
  EXPECT_EQ(pulled.accounts.size(), 2U);
  ASSERT_EQ(pulled.bad.size(), 1U);
  EXPECT_EQ(pulled.bad[0].where, "people.yaml:3");
}

}  // namespace
}  // namespace usher
