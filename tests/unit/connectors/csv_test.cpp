#include "connectors/files/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "source_fixture.hpp"

namespace usher {
namespace {

using nlohmann::json;
using test::pull;
using test::Pulled;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CsvTest : public test::SourceTest {
 protected:
  std::unique_ptr<Connector> connector(std::map<std::string, std::string> options) {
    options.emplace("path", "people.csv");
    options.emplace("key", "id");
    auto made = make_csv(settings("csv", options));
    if (made) return std::move(*made);
    for (const Diagnostic& mistake : made.error()) ADD_FAILURE() << mistake.message;
    return nullptr;
  }
  Pulled read(const std::string& text, std::map<std::string, std::string> options = {}) {
    write("people.csv", text);
    return pull(*connector(std::move(options)));
  }
  std::string failure(const std::string& text, std::map<std::string, std::string> options = {}) {
    const Pulled pulled = read(text, std::move(options));
    EXPECT_TRUE(pulled.failure.has_value());
    if (!pulled.failure) return "";
    EXPECT_EQ(pulled.failure->kind, FailureKind::malformed);
    return pulled.failure->message;
  }
  std::vector<std::string> quarantined(const std::string& text) {
    const Pulled pulled = read(text, {{"bad-rows", "quarantine"}});
    std::vector<std::string> found;
    for (const BadRecord& record : pulled.bad) found.push_back(record.where + ": " + record.why);
    EXPECT_EQ(pulled.items, pulled.accounts.size() + pulled.bad.size());
    return found;
  }
  std::vector<std::string> mistakes(const std::map<std::string, std::string>& options) {
    auto made = make_csv(settings("csv", options));
    std::vector<std::string> found;
    if (!made)
      for (const Diagnostic& mistake : made.error()) found.push_back(mistake.message);
    return found;
  }
};

std::string value(const Pulled& pulled, std::size_t record, const std::string& name) {
  return json::parse(pulled.accounts.at(record).attributes).at(name).get<std::string>();
}

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

TEST_F(CsvTest, ReadsWhatSpreadsheetsWrite) {
  const Pulled pulled = read("\xEF\xBB\xBFid;Vorname\r\n1;\"Zo\xC3\xAB\r\nMaria\"\r\n;\r\n\r\n2; Bo \r\n",
                             {{"delimiter", ";"}});
  ASSERT_FALSE(pulled.failure) << pulled.failure->message;
  ASSERT_EQ(pulled.accounts.size(), 2U);
  EXPECT_EQ(value(pulled, 0, "Vorname"), "Zo\xC3\xAB\r\nMaria");
  EXPECT_EQ(value(pulled, 1, "Vorname"), " Bo ");
}

TEST_F(CsvTest, TakesTabsWordsAndSingleCharactersAsDelimiters) {
  EXPECT_EQ(value(read("id\tn\n1\ta b\n", {{"delimiter", "tab"}}), 0, "n"), "a b");
  EXPECT_EQ(value(read("id|n\n1|a,b\n", {{"delimiter", "|"}}), 0, "n"), "a,b");
  EXPECT_EQ(value(read("id;n\n1;a\n", {{"delimiter", "semicolon"}}), 0, "n"), "a");
}

TEST_F(CsvTest, ReadsAFileWithoutHeaderUnderGivenNames) {
  EXPECT_EQ(value(read("1,Ada\n", {{"columns", R"(["id","name"])"}}), 0, "name"), "Ada");
  EXPECT_EQ(value(read("1,Ada\n", {{"columns", "id, name"}}), 0, "name"), "Ada");
}

TEST_F(CsvTest, DecodesLatin1AndWindows1252) {
  EXPECT_EQ(value(read("id,n\n1,Jos\xE9\n", {{"encoding", "latin1"}}), 0, "n"), "José");
  EXPECT_EQ(value(read("id,n\n1,\x80 Jos\xE9\n", {{"encoding", "windows-1252"}}), 0, "n"), "€ José");
  EXPECT_THAT(failure("id,n\n1,\x81\n", {{"encoding", "windows-1252"}}), HasSubstr("people.csv:2"));
}

TEST_F(CsvTest, NamesTheFirstBadLineAndCountsTheOthers) {
  EXPECT_EQ(
      failure("id,mail\n1,a\n2\n3,c\n4,d,e\n5\n"),
      "people.csv:3: 1 cell where the header has 2 (2 more bad records follow); mend the file, or set them "
      "aside with bad-rows: quarantine");
}

TEST_F(CsvTest, CountsLinesThroughQuotedLineEndsAndBlankLines) {
  EXPECT_THAT(failure("id,n\n1,\"a\nb\nc\"\n\n2,x,y\n"), HasSubstr("people.csv:6:"));
  EXPECT_THAT(failure("id,n\r\n1,\"a\r\nb\"\r\n\r\n2,x,y\r\n"), HasSubstr("people.csv:5:"));
  EXPECT_THAT(failure("id,n\r1,a\r2,x,y\r"), HasSubstr("people.csv:3:"));
}

TEST_F(CsvTest, SetsEveryKindOfBadRowAsideWhenAsked) {
  const std::string text("id,n\n1,a\n,b\n1,c\n2,\xFF\n3,\"x\"y\n4,a\"b\n5,\0z\n6,ok\n", 43);
  EXPECT_THAT(quarantined(text),
              ElementsAre("people.csv:3: the key is empty",
                          HasSubstr("people.csv:4: the key '1' stands in line 2 already"),
                          HasSubstr("people.csv:5: the column 'n' is not UTF-8 text; 'encoding' says"),
                          "people.csv:6: a quote stands inside a cell: such a cell is "
                          "quoted as a whole and its quotes doubled",
                          "people.csv:7: a quote stands inside a cell: such a cell is "
                          "quoted as a whole and its quotes doubled",
                          "people.csv:8: a NUL byte in the column 'n'"));
}

TEST_F(CsvTest, GoesOnBehindAQuoteThatRanOverSeveralLines) {
  const Pulled pulled = read("id,n\n1,\"a\n2,b\n3,\"c\"\n4,d\n", {{"bad-rows", "quarantine"}});
  ASSERT_EQ(pulled.bad.size(), 1U);
  EXPECT_EQ(pulled.bad[0].where, "people.csv:2");
  EXPECT_EQ(pulled.bad[0].why, "a quote is not closed: the row that begins here runs to line 4");
  ASSERT_EQ(pulled.accounts.size(), 1U);
  EXPECT_EQ(pulled.accounts[0].id, "4");
}

TEST_F(CsvTest, StopsAtAQuoteThatIsNeverClosed) {
  EXPECT_THAT(failure("id,n\n1,a\n2,\"b\n3,c\n"), HasSubstr("people.csv:3: a quote is not closed"));
  std::string text = "id,n\n1,a\n2,\"b\n";
  for (int i = 3; i < 200'000; ++i) text += std::to_string(i) + ",somebody\n";
  const Pulled pulled = read(text, {{"bad-rows", "quarantine"}});
  ASSERT_EQ(pulled.bad.size(), 1U);
  EXPECT_EQ(pulled.bad[0].where, "people.csv:3");
  EXPECT_EQ(pulled.accounts.size(), 1U);
}

TEST_F(CsvTest, NeverTakesAnEmptyFileForAnEmptyOrganisation) {
  for (const char* text : {"", "id,n\n", "\xEF\xBB\xBF", "\n\n\n"}) {
    const Pulled pulled = read(text);
    EXPECT_FALSE(pulled.failure) << "nobody else waits for it";
    EXPECT_THAT(pulled.no_proof, HasSubstr("it holds no records"));
    EXPECT_FALSE(pulled.may_be_empty);
  }
  EXPECT_THAT(read("id,n").no_proof, HasSubstr("its header has no line end"));
  const Pulled allowed = read("id,n\n", {{"empty", "allowed"}});
  EXPECT_EQ(allowed.no_proof, "");
  EXPECT_TRUE(allowed.may_be_empty);
  EXPECT_THAT(read("", {{"empty", "allowed"}}).no_proof, HasSubstr("not even a header"));
  EXPECT_THAT(failure("id,n\n1\n2\n", {{"bad-rows", "quarantine"}}),
              HasSubstr("none of its 2 records can be read"));
}

TEST_F(CsvTest, RefusesAHeaderItCannotTrust) {
  EXPECT_THAT(failure("id,mail,mail\n1,a,b\n"),
              HasSubstr("people.csv:1: two columns are called 'mail', and it is read"));
  EXPECT_THAT(failure("id,,x\n1,a,b\n"), HasSubstr("something stands in column 2, which has no name"));
  EXPECT_THAT(failure("ids,mail\n1,a\n"),
              HasSubstr("no column is called 'id', the key; did you mean 'ids'?"));
  EXPECT_THAT(failure("number;mail\n1;a\n"), HasSubstr("delimiter: \";\""));
  EXPECT_THAT(failure("i\xFF,mail\n1,a\n"), HasSubstr("the header is not UTF-8 text"));
}

TEST_F(CsvTest, SaysWhyAFileCannotBeOpened) {
  const Pulled missing = pull(*connector({{"path", "gone.csv"}}));
  ASSERT_TRUE(missing.failure);
  EXPECT_EQ(missing.failure->kind, FailureKind::unreachable);
  EXPECT_EQ(missing.failure->message, "gone.csv: cannot be opened: No such file or directory");
  const Pulled folder = pull(*connector({{"path", "."}}));
  ASSERT_TRUE(folder.failure);
  EXPECT_EQ(folder.failure->message, ".: this is a folder, not a file");
}

std::string many(int rows) {
  std::string text = "id,mail\n";
  for (int i = 0; i < rows; ++i) text += std::to_string(i) + ",person" + std::to_string(i) + "@example.com\n";
  return text;
}

TEST_F(CsvTest, GivesPagesOfBoundedSizeAndEveryRowOnce) {
  const Pulled pulled = read(many(60'000));
  ASSERT_FALSE(pulled.failure);
  EXPECT_GT(pulled.page_sizes.size(), 3U);
  for (const std::size_t size : pulled.page_sizes) EXPECT_LE(size, 20'000U);
  ASSERT_EQ(pulled.accounts.size(), 60'000U);
  for (std::size_t i = 0; i < pulled.accounts.size(); ++i)
    ASSERT_EQ(pulled.accounts[i].id, std::to_string(i));
}

TEST_F(CsvTest, ReadsAnyCursorAgain) {
  write("people.csv", many(60'000));
  const auto source = connector({});
  const Pulled whole = pull(*source);
  ASSERT_GE(whole.cursors.size(), 3U);
  std::size_t begin = 0;
  for (std::size_t page = 0; page < whole.cursors.size(); ++page) {
    const auto again = source->fetch(page == 0 ? "" : whole.cursors[page - 1], {});
    ASSERT_TRUE(again);
    ASSERT_EQ(again->accounts.size(), whole.page_sizes[page]);
    EXPECT_EQ(again->accounts[0].id, whole.accounts[begin].id);
    begin += again->accounts.size();
  }
  EXPECT_FALSE(source->fetch("no cursor", {}));
  EXPECT_EQ(pull(*source).accounts.size(), 60'000U);
}

TEST_F(CsvTest, FailsWhenTheFileChangesBetweenPages) {
  write("people.csv", many(60'000));
  const auto source = connector({});
  const auto first = source->fetch("", {});
  ASSERT_TRUE(first);
  write("people.csv", many(60'001));
  const auto second = source->fetch(first->next, {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("the file changed while it was read"));
}

TEST_F(CsvTest, FindsAKeyRepeatedPagesLater) {
  EXPECT_THAT(failure(many(60'000) + "17,twice@example.com\n"),
              HasSubstr("people.csv:60002: the key '17' stands in line 19"));
}

TEST_F(CsvTest, SignatureChangesWithTheFileAndItsOptions) {
  write("people.csv", many(10));
  const auto source = connector({});
  const std::string before = source->signature();
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(pull(*source).accounts.size(), 10U);
  EXPECT_EQ(source->signature(), before);
  EXPECT_EQ(connector({})->signature(), before);
  EXPECT_NE(connector({{"choose", "last"}})->signature(), before);
  EXPECT_NE(connector({{"choose", "last"}})->signature(), connector({{"choose", "first"}})->signature());
  write("people.csv", many(11));
  EXPECT_NE(source->signature(), before);
  EXPECT_NE(connector({{"path", "gone.csv"}})->signature(), connector({{"path", "gone.csv"}})->signature())
      << "a file that is gone is never the one that was read";
}

/// Standard input is what this text is piped to, until it is gone.
class PipedInput {
 public:
  explicit PipedInput(const std::string& text) : saved_(dup(STDIN_FILENO)) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_EQ(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(ends[1]);
  }
  PipedInput(const PipedInput&) = delete;
  PipedInput& operator=(const PipedInput&) = delete;
  ~PipedInput() {
    dup2(saved_, STDIN_FILENO);
    close(saved_);
  }

 private:
  int saved_;
};

TEST_F(CsvTest, ReadsStandardInputMoreThanOnce) {
  const PipedInput input("id,n\n1,a\n2,b\n");
  const auto source = connector({{"path", "-"}});
  const Pulled once = pull(*source);
  const Pulled twice = pull(*source);
  EXPECT_EQ(once.accounts.size(), 2U);
  EXPECT_EQ(twice.accounts.size(), 2U);
  EXPECT_NE(source->signature(), connector({{"path", "-"}})->signature()) << "another process reads its own";
  const Pulled second = pull(*connector({{"path", "-"}}));
  ASSERT_TRUE(second.failure) << "the first has read it";
  EXPECT_EQ(second.failure->kind, FailureKind::unreachable) << "as of a file that is gone";
  EXPECT_NE(second.failure->message.find("standard input: it was empty"), std::string::npos)
      << second.failure->message;
}

TEST_F(CsvTest, AStandardInputThatMayBeEmptyIsEmpty) {
  const PipedInput input("");
  const Pulled pulled = pull(*connector({{"path", "-"}, {"empty", "allowed"}, {"columns", "id,n"}}));
  EXPECT_FALSE(pulled.failure);
  EXPECT_EQ(pulled.no_proof, "");
}

TEST_F(CsvTest, StopsWhenAsked) {
  write("people.csv", many(10));
  std::stop_source stop;
  stop.request_stop();
  const auto page = connector({})->fetch("", stop.get_token());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, FailureKind::stopped);
}

TEST_F(CsvTest, OnlyReads) {
  write("people.csv", many(1));
  const auto source = connector({});
  EXPECT_TRUE(source->capabilities().schema.open);
  EXPECT_FALSE(source->capabilities().create);
  EXPECT_EQ(source->apply({}, Secret(), {}).error().kind, FailureKind::unsupported);
  EXPECT_EQ(source->read({.id = "1"}, {}).error().kind, FailureKind::unsupported);
}

TEST_F(CsvTest, ReportsEveryMistakeInItsOptions) {
  EXPECT_THAT(
      mistakes({{"pth", "x.csv"}, {"delimiter", "ab"}, {"encoding", "ebcdic"}, {"bad-rows", "ignore"}}),
      testing::UnorderedElementsAre(
          "csv has no option 'pth'; did you mean 'path'?", HasSubstr("'hr' lacks 'path'"),
          HasSubstr("'hr' lacks 'key'"), HasSubstr("'bad-rows' must be one of stop, quarantine"),
          HasSubstr("no encoding is called 'ebcdic'"), HasSubstr("'delimiter' must be one character")));
  EXPECT_THAT(mistakes({{"path", "x.csv"}, {"key", "id"}}), IsEmpty());
}

std::string quoted(const std::string& cell) {
  std::string made = "\"";
  for (const char c : cell) made += c == '"' ? "\"\"" : std::string(1, c);
  return made + "\"";
}

RC_GTEST_FIXTURE_PROP(CsvTest, ReadsBackWhatItWasWritten, ()) {
  const auto alphabet = rc::gen::element(',', ';', '"', '\n', '\r', ' ', '\t', 'a', 'b', '\\', '\x01');
  const auto cells = *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(alphabet));
  std::string text = "id,cell\r\n";
  for (std::size_t i = 0; i < cells.size(); ++i) text += std::to_string(i) + "," + quoted(cells[i]) + "\r\n";
  text += "last,x";
  const Pulled pulled = read(text, {{"unended", "allowed"}, {"line-breaks", "allowed"}});
  RC_ASSERT(!pulled.failure);
  RC_ASSERT(pulled.accounts.size() == cells.size() + 1);
  for (std::size_t i = 0; i < cells.size(); ++i) RC_ASSERT(value(pulled, i, "cell") == cells[i]);
}

}  // namespace
}  // namespace usher
