#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "connectors/files/json.hpp"
#include "connectors/files/json_array_splitter.hpp"
#include "source_fixture.hpp"

namespace usher {
namespace {

using test::pull;
using test::Pulled;
using testing::ElementsAre;
using testing::HasSubstr;

class JsonSourceTest : public test::SourceTest {
 protected:
  Pulled read(const std::string& kind, const std::string& text,
              std::map<std::string, std::string> options = {}) {
    options.emplace("path", write("people." + kind, text));
    options.emplace("key", "id");
    auto made = kind == "json" ? make_json(settings(kind, options)) : make_ndjson(settings(kind, options));
    if (made) return pull(**made);
    for (const Diagnostic& mistake : made.error()) ADD_FAILURE() << mistake.message;
    return {};
  }
  std::string failure(const std::string& kind, const std::string& text,
                      std::map<std::string, std::string> options = {}) {
    const Pulled pulled = read(kind, text, std::move(options));
    EXPECT_TRUE(pulled.failure.has_value()) << text;
    return pulled.failure ? pulled.failure->message : "";
  }
};

TEST_F(JsonSourceTest, ReadsAList) {
  const Pulled pulled = read("json", R"([ {"name":"Ada","id":7,"x":{"b":1,"a":[]}} , {"id":"8","n":null} ])");
  ASSERT_FALSE(pulled.failure) << pulled.failure->message;
  ASSERT_EQ(pulled.accounts.size(), 2U);
  EXPECT_EQ(pulled.accounts[0].id, "7");
  EXPECT_EQ(pulled.accounts[0].attributes, R"({"id":7,"name":"Ada","x":{"a":[],"b":1}})");
  EXPECT_EQ(pulled.accounts[1].attributes, R"({"id":"8","n":null})");
}

TEST_F(JsonSourceTest, KnowsTheLineOfEachRecord) {
  EXPECT_THAT(read("json", "[\n{\"id\":1},\n\n{\n\"id\":2}\n]").lines, ElementsAre(2, 4));
  EXPECT_THAT(read("ndjson", "{\"id\":1}\n\n{\"id\":2}\n").lines, ElementsAre(1, 3));
}

TEST_F(JsonSourceTest, TakesRecordsDownToTwoHundredLevels) {
  const auto nested = [](std::size_t levels) {
    return R"({"id":1,"x":)" + std::string(levels, '[') + std::string(levels, ']') + "}\n";
  };
  EXPECT_EQ(read("ndjson", nested(198)).accounts.size(), 1U);
  EXPECT_THAT(failure("ndjson", nested(900)), HasSubstr("people.ndjson:1: not valid JSON"));
}

TEST_F(JsonSourceTest, FollowsAPointer) {
  const std::string text =
      R"({"a":[{"id":0}],"meta":{"users":{"x":[]}},"data":{"k":"users","users":[{"id":1}],"y":{}},"z":[1]})";
  for (const char* pointer : {"/data/users", "data.users"}) {
    const Pulled pulled = read("json", text, {{"pointer", pointer}});
    ASSERT_FALSE(pulled.failure) << pulled.failure->message;
    ASSERT_EQ(pulled.accounts.size(), 1U);
    EXPECT_EQ(pulled.accounts[0].id, "1");
  }
  EXPECT_EQ(read("json", R"({"a/b":[{"id":1}]})", {{"pointer", "/a~1b"}}).accounts.size(), 1U);
}

TEST_F(JsonSourceTest, TakesAPathAsKey) {
  EXPECT_EQ(read("ndjson", R"({"who":{"no":12.5}})", {{"key", "who.no"}}).accounts.at(0).id, "12.5");
}

TEST_F(JsonSourceTest, SaysWhyADocumentHoldsNoList) {
  EXPECT_THAT(failure("json", R"({"users":[]})"), HasSubstr("the document is an object, not a list"));
  EXPECT_THAT(failure("json", R"({"users":[]})", {{"pointer", "/user"}}),
              HasSubstr("the document has no key 'user'"));
  EXPECT_THAT(failure("json", R"({"a":{"b":1}})", {{"pointer", "a.b"}}), HasSubstr("'/a/b' is neither"));
  EXPECT_THAT(failure("json", R"([1])", {{"pointer", "a"}}),
              HasSubstr("the document is a list, where the key 'a'"));
  EXPECT_THAT(failure("json", ""), HasSubstr("the file is empty"));
  EXPECT_THAT(read("json", "[]").no_proof, HasSubstr("it holds no records"));
  EXPECT_THAT(read("ndjson", "\n\n").no_proof, HasSubstr("it holds no records"));
}

TEST_F(JsonSourceTest, FailsForADocumentThatWasCutOrIsBroken) {
  const std::string whole = R"({"d":[{"id":1},{"id":2}]})";
  for (std::size_t size = 1; size < whole.size(); ++size)
    EXPECT_TRUE(read("json", whole.substr(0, size), {{"pointer", "d"}}).failure) << whole.substr(0, size);
  for (const char* broken :
       {R"([{"id":1}{"id":2}])", R"([{"id":1},,{"id":2}])", R"([{"id":1},])", R"([,{"id":1}])",
        R"([{"id":1}]])", R"([{"id":1}] x)", R"([{"id":1}],)", R"(["id":1])"})
    EXPECT_TRUE(read("json", broken).failure) << broken;
}

TEST_F(JsonSourceTest, NamesTheLineOfABadRecord) {
  EXPECT_THAT(failure("json", "[\n{\"id\":1},\n\n {\"id\":01},\n 5]"),
              HasSubstr("people.json:4: not valid JSON"));
  EXPECT_THAT(failure("json", "[\n{\"id\":1},\n\n {\"id\":01},\n 5]"),
              HasSubstr("1 more bad record follows"));
  EXPECT_THAT(failure("ndjson", "{\"id\":1}\n\n{\"id\":\n"), HasSubstr("people.ndjson:3: not valid JSON"));
  EXPECT_THAT(failure("ndjson", "{\"id\":1}\n{\"id\":\"\xFF\"}\n"),
              HasSubstr("people.ndjson:2: not valid JSON"));
}

TEST_F(JsonSourceTest, SetsBadRecordsAside) {
  const Pulled pulled =
      read("ndjson", "{\"id\":1}\r\n[]\n{\"no\":1}\n{\"id\":{}}\n{\"id\":\"1\"}\n{\"id\":\"\"}\n{\"id\":2}",
           {{"bad-rows", "quarantine"}});
  ASSERT_FALSE(pulled.failure);
  std::vector<std::string> found;
  for (const BadRecord& record : pulled.bad) found.push_back(record.where + ": " + record.why);
  EXPECT_THAT(found, ElementsAre("people.ndjson:2: not an object", "people.ndjson:3: it has no 'id', the key",
                                 "people.ndjson:4: 'id', the key, is neither a text nor a number",
                                 "people.ndjson:5: the key '1' stands in line 1 already ('choose: last', "
                                 "'first' or 'newest by COLUMN' takes one of several; 'key: [COLUMN, "
                                 "COLUMN]' tells apart what several columns name together)",
                                 "people.ndjson:6: the key is empty"));
  EXPECT_EQ(pulled.accounts.size(), 2U);
}

TEST_F(JsonSourceTest, TakesNoRecordInWhichAMemberStandsTwice) {
  const std::vector<std::string> records = {R"({"id":"1"})", R"({"id":"2","id":"3","a":"z"})",
                                            R"({"id":"4","x":[{"b":{"a":1,"\u0061":2}}]})",
                                            R"({"id":"5","a":{"a":1}})"};
  std::string many = R"({"id":"6")";
  for (int i = 0; i < 100; ++i) many += ",\"m" + std::to_string(i) + "\":0";
  for (const char* kind : {"json", "ndjson"}) {
    const bool list = kind == std::string("json");
    std::string text = list ? "[" : "";
    for (const std::string& record : records) text += record + (list ? ",\n" : "\n");
    text += many + ",\"m99\":1}" + (list ? ",\n" : "\n") + many + "}" + (list ? "]" : "\n");
    const Pulled pulled = read(kind, text, {{"bad-rows", "quarantine"}});
    ASSERT_FALSE(pulled.failure);
    std::vector<std::string> why, ids;
    for (const BadRecord& record : pulled.bad) why.push_back(record.why);
    for (const Account& account : pulled.accounts) ids.push_back(account.id);
    EXPECT_THAT(why, ElementsAre("'id' stands twice", "'a' stands twice", "'m99' stands twice")) << kind;
    EXPECT_THAT(ids, ElementsAre("1", "5", "6")) << kind;
  }
}

TEST_F(JsonSourceTest, TakesNoListWhoseKeyStandsTwice) {
  const auto said = [&](const std::string& text) {
    return failure("json", text, {{"pointer", "data.users"}});
  };
  EXPECT_THAT(said(R"({"data":{"users":[{"id":1}]},"data":{"users":[{"id":2}]}})"),
              HasSubstr("the key 'data', which leads to the list, stands twice"));
  EXPECT_THAT(said(R"({"data":{"users":[{"id":1}],"users":[]}})"), HasSubstr("'users'"));
  EXPECT_THAT(said(R"({"data":{"users":[{"id":1}],"us\u0065rs":[]}})"), HasSubstr("'users'"));
  const std::string other =
      R"({"x":1,"x":2,"data":{"a":{"users":1},"users":[{"id":1}],"b":{"users":[]}},"users":1})";
  EXPECT_EQ(read("json", other, {{"pointer", "data.users"}}).accounts.size(), 1U);
}

std::string list_of(int records, const char* between) {
  std::string text;
  for (int i = 0; i < records; ++i)
    text += std::string(i == 0 ? "" : between) + R"({"name":"a ]},[{\" \\","id":)" + std::to_string(i) + "}";
  return text;
}

TEST_F(JsonSourceTest, GivesEveryRecordOfALargeFileOnce) {
  for (const char* kind : {"json", "ndjson"}) {
    const bool list = kind == std::string("json");
    const Pulled pulled = read(kind, list ? "[" + list_of(50'000, ",\n") + "]" : list_of(50'000, "\n"));
    ASSERT_FALSE(pulled.failure) << pulled.failure->message;
    EXPECT_GT(pulled.page_sizes.size(), 2U);
    ASSERT_EQ(pulled.accounts.size(), 50'000U);
    for (std::size_t i = 0; i < pulled.accounts.size(); ++i)
      ASSERT_EQ(pulled.accounts[i].id, std::to_string(i));
  }
}

TEST_F(JsonSourceTest, RefusesAPointerThatIsNone) {
  for (const char* pointer : {"/", "a..b", "/a~2"}) {
    auto made = make_json(settings("json", {{"path", "x"}, {"key", "id"}, {"pointer", pointer}}));
    ASSERT_FALSE(made) << pointer;
    EXPECT_THAT(made.error().at(0).message, HasSubstr("'pointer' must look like"));
  }
}

struct Collected : JsonListener {
  std::vector<std::string> texts;
  std::vector<std::uint64_t> lines;
  void element(std::string_view text, std::uint64_t line) override {
    texts.emplace_back(text);
    lines.push_back(line);
  }
};

RC_GTEST_PROP(JsonElementsTest, FindsTheSameElementsHoweverTheDocumentIsCut, ()) {
  const std::string text =
      "{\"m\":[\"]\", {\"d\": 1}], \"d\": [ {\"id\":1,\n\"s\":\"\\\\\\\"]}\"}, [2,[3]] , \"x\\\"\", 4\n,true "
      "], \"e\":{}}";
  const auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 9));
  Collected collected;
  JsonArraySplitter elements({"d"}, collected);
  std::string_view rest = text;
  for (const std::size_t cut : cuts) {
    RC_ASSERT(elements.feed(rest.substr(0, cut)));
    rest.remove_prefix(std::min(cut, rest.size()));
  }
  RC_ASSERT(elements.feed(rest));
  RC_ASSERT(elements.finish());
  RC_ASSERT(collected.texts == std::vector<std::string>({"{\"id\":1,\n\"s\":\"\\\\\\\"]}\"}", "[2,[3]]",
                                                         "\"x\\\"\"", "4\n", "true "}));
  RC_ASSERT(collected.lines == std::vector<std::uint64_t>({1, 2, 2, 2, 3}));
}

}  // namespace
}  // namespace usher
