// CSV as systems for people and spreadsheets write it, and files that only look whole.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "connectors/files/csv.hpp"
#include "connectors/files/csv_sample.hpp"
#include "source_fixture.hpp"

namespace usher {
namespace {

using nlohmann::json;
using test::pull;
using test::Pulled;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CsvFormsTest : public test::SourceTest {
 protected:
  using Options = std::map<std::string, std::string>;

  std::unique_ptr<Connector> connector(Options options, std::vector<std::string> used = {}) {
    options.emplace("path", "people.csv");
    options.emplace("key", "id");
    Settings given = settings("csv", options);
    given.needs = std::move(used);
    auto made = make_csv(given);
    if (made) return std::move(*made);
    for (const Diagnostic& mistake : made.error()) ADD_FAILURE() << mistake.message;
    return nullptr;
  }
  Pulled read(const std::string& text, const Options& options = {}, std::vector<std::string> used = {}) {
    write("people.csv", text);
    return pull(*connector(options, std::move(used)));
  }
  /// The records, `[{"id":"1"}]`, or why there are none.
  std::string records(const std::string& text, const Options& options = {},
                      std::vector<std::string> used = {}) {
    const Pulled pulled = read(text, options, std::move(used));
    if (pulled.failure) return pulled.failure->message;
    std::string all;
    for (const Account& account : pulled.accounts) all += account.attributes;
    return all;
  }
  std::string ids(const std::string& text, const Options& options) {
    const Pulled pulled = read(text, options);
    if (pulled.failure) return pulled.failure->message;
    std::string all;
    for (const Account& account : pulled.accounts) all += account.id + " ";
    return all;
  }
  std::string mistake(Options options) {
    options.emplace("path", "people.csv");
    options.emplace("key", "id");
    const auto made = make_csv(settings("csv", options));
    return made ? std::string() : made.error().front().message;
  }
};

constexpr const char* ada = R"({"id":"1","name":"Ada"})";

TEST_F(CsvFormsTest, TakesADelimiterAtTheEndOfEachLine) {
  EXPECT_EQ(records("id,name,\n1,Ada,\n"), ada);
  EXPECT_EQ(records("id,name\n1,Ada,\n"), ada);
  EXPECT_EQ(records("id,name,,\n1,Ada,,\n"), ada);
  EXPECT_THAT(records("id,name,\n1,Ada,x\n"), HasSubstr("3 cells where the header has 2"));
  EXPECT_THAT(records("id,name\n1,Ada,\n2,Bo\n"),
              HasSubstr("people.csv:3: 2 cells where the rows above have 3"))
      << "what the first row has, all have";
}

TEST_F(CsvFormsTest, LeavesOutColumnsOfOneNameUnlessTheyAreRead) {
  EXPECT_EQ(records("id,name,at,at\n1,Ada,Oslo,Paris\n"), ada);
  EXPECT_THAT(records("id,name,at,at\n1,Ada,Oslo,Paris\n", {}, {"at"}),
              HasSubstr("two columns are called 'at'"));
}

TEST_F(CsvFormsTest, HeedsALineThatSaysTheDelimiter) {
  EXPECT_EQ(records("sep=;\r\nid;name\r\n1;Ada\r\n"), ada);
  EXPECT_THAT(records("sep=;\nid;name\n1;Ada;x\n"), HasSubstr("people.csv:3:"));
}

TEST_F(CsvFormsTest, ReadsUtf16WithAMarkAndWithout) {
  const std::u16string text = u"id,name\n1,Zo\u00EB \U0001F600\n";
  std::string little, big;
  for (const char16_t unit : text) {
    little += {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
    big += {static_cast<char>(unit >> 8), static_cast<char>(unit & 0xFF)};
  }
  const std::string zoe = "{\"id\":\"1\",\"name\":\"Zoë 😀\"}";
  EXPECT_EQ(records("\xFF\xFE" + little), zoe);
  EXPECT_EQ(records("\xFE\xFF" + big), zoe);
  EXPECT_EQ(records(little), zoe);
  EXPECT_EQ(records(big), zoe);
  EXPECT_EQ(records("\xFF\xFE" + little, {{"encoding", "utf-16"}}), zoe);
}

TEST_F(CsvFormsTest, KnowsEncodingsByName) {
  EXPECT_EQ(records("id,name\n1,\xA3ukasz\n", {{"encoding", "windows-1250"}}),
            R"({"id":"1","name":"Łukasz"})");
  EXPECT_EQ(records("id,name\n1,\xA4\n", {{"encoding", "iso-8859-15"}}), R"({"id":"1","name":"€"})");
  EXPECT_EQ(records("id,name\n1,\x8E\x52\x95\x5C,\n", {{"encoding", "shift_jis"}}),
            R"({"id":"1","name":"山表"})")
      << "the second half of a character may be a backslash";
  EXPECT_THAT(records("id,name\n1,ok\n2,\x81\n", {{"encoding", "windows-1252"}}),
              HasSubstr("people.csv:3: the column 'name' is not windows-1252 text"));
  EXPECT_THAT(mistake({{"encoding", "windows-125"}}), HasSubstr("did you mean 'windows-125"));
  EXPECT_THAT(mistake({{"encoding", "utf-8//TRANSLIT"}}), HasSubstr("no encoding is called"));
}

TEST_F(CsvFormsTest, RefusesAMarkThatContradictsTheEncoding) {
  EXPECT_THAT(
      records("\xEF\xBB\xBFid,name\n1,Zo\xC3\xAB\n", {{"encoding", "windows-1252"}}),
      HasSubstr("the mark at its beginning says UTF-8, and the configuration says encoding: windows-1252"));
  EXPECT_THAT(records("\xFF\xFEi\1", {{"encoding", "utf-8"}}), HasSubstr("says UTF-16LE"));
}

TEST_F(CsvFormsTest, TakesWhatNobodySeesOffTheEndsOfCells) {
  EXPECT_EQ(records("\xE2\x80\x8Bid,\xC2\xA0name \n\xE2\x80\x8B"
                    "1\xEF\xBB\xBF,Ada\xE2\x80\x8B\n"),
            ada);
  EXPECT_EQ(records("id,name\n1, \xE2\x80\x8B"
                    "Bo \n"),
            R"({"id":"1","name":" Bo "})")
      << "blanks are what rules trim";
}

TEST_F(CsvFormsTest, NamesTheOptionForTitlesTotalsAndSpreadsheets) {
  const std::string titled = "Active Workers\nRun 2026-11-25\n\nid,name\n1,Ada\n";
  EXPECT_THAT(records(titled), HasSubstr("skip-rows: 3"));
  EXPECT_EQ(records(titled, {{"skip-rows", "3"}}), ada);
  EXPECT_THAT(records("x\nid,name\n1,Ada,x\n", {{"skip-rows", "1"}}), HasSubstr("people.csv:3:"));
  const std::string total = "id,name\n1,Ada\nTotal: 1\n";
  EXPECT_THAT(records(total), HasSubstr("footer: 1 leaves it out"));
  EXPECT_EQ(records(total, {{"footer", "1"}}), ada);
  EXPECT_THAT(records("PK\x03\x04zip"), HasSubstr("Excel workbook"));
  EXPECT_THAT(records("\xD0\xCF\x11\xE0old"), HasSubstr("old Excel workbook"));
}

TEST_F(CsvFormsTest, ATrailerProvesThatNothingIsMissing) {
  const CsvFormsTest::Options trailer = {{"trailer", R"(Total: (\d+))"}};
  EXPECT_EQ(records("id,name\n1,Ada\nTotal: 1\n", trailer), ada);
  EXPECT_EQ(records("id,name\n1,Ada\nTotal: 1", trailer), ada)
      << "its number is whole, whatever comes behind it";
  EXPECT_THAT(records("id,name\n1,Ada\nTotal: 2\n", trailer),
              HasSubstr("its trailer counts 2 records, 1 was read"));
  EXPECT_THAT(records("id,name\n1,Ada\n2,Bo\n", trailer), HasSubstr("it does not end as 'trailer' says"));
  EXPECT_THAT(mistake({{"trailer", "Total"}}), HasSubstr("needs one group"));
  EXPECT_THAT(mistake({{"trailer", "("}}), HasSubstr("no regular expression"));
}

TEST_F(CsvFormsTest, FewerRecordsThanThereMustBeProveNothing) {
  EXPECT_THAT(read("id,name\n1,Ada\n", {{"records", "2"}}).no_proof, HasSubstr("it holds 1 record where"));
  EXPECT_EQ(read("id,name\n1,Ada\n", {{"records", "1"}}).no_proof, "");
}

TEST_F(CsvFormsTest, ChoosesOneOfSeveralRowsOfAKey) {
  const std::string rows = "id,job,from\n1,nurse,2024-01-01\n2,cook,2020-05-05\n1,teacher,2023-01-01\n";
  EXPECT_THAT(records(rows), HasSubstr("'choose: last'"));
  EXPECT_THAT(records(rows, {{"choose", "first"}}), HasSubstr("nurse"));
  EXPECT_THAT(records(rows, {{"choose", "last"}}), testing::AllOf(HasSubstr("teacher"), HasSubstr("cook")));
  EXPECT_EQ(ids(rows, {{"choose", "last"}}), "2 1 ");
  EXPECT_EQ(ids(rows, {{"choose", "newest by from"}}), "1 2 ");
  const std::string german = "id,job,from\n1,nurse,01.02.2024\n1,teacher,31.12.2023\n";
  EXPECT_THAT(records(german, {{"choose", "newest by from"}}),
              HasSubstr("'dates' says how a column writes dates"));
  EXPECT_THAT(records(german, {{"choose", "newest by from"}, {"dates", R"({"from":"%d.%m.%Y"})"}}),
              HasSubstr("nurse"));
  EXPECT_THAT(mistake({{"choose", "newest"}}), HasSubstr("newest by COLUMN"));
}

TEST_F(CsvFormsTest, JoinsTheColumnsOfAKey) {
  EXPECT_EQ(ids("id,company\n1,a\n1,b\n", {{"key", R"(["company","id"])"}}), "a/1 b/1 ");
  EXPECT_EQ(ids("id,company\nc,a/b\nb/c,a\n", {{"key", R"(["company","id"])"}}), "a~1b/c a/b~1c ");
  EXPECT_THAT(ids("id,company\n1,\n", {{"key", R"(["company","id"])"}}), HasSubstr("the key is empty"));
}

TEST_F(CsvFormsTest, WritesDatesAsIso8601) {
  const auto date = [&](const std::string& cell, const std::string& patterns) {
    return json::parse(records("id,d\n1," + cell + "\n", {{"dates", R"({"d":)" + patterns + "}"}})).at("d");
  };
  EXPECT_EQ(date("31/12/25", R"("%d/%m/%y")"), "2025-12-31");
  EXPECT_EQ(date("5-Mar-2026", R"("%d-%b-%Y")"), "2026-03-05");
  EXPECT_EQ(date("March 5 2026 12:30 AM", R"("%b %d %Y %I:%M %p")"), "2026-03-05T00:30:00Z");
  EXPECT_EQ(date("20260201", R"("%Y%m%d")"), "2026-02-01");
  EXPECT_EQ(date("45992", R"(["%d.%m.%Y","serial"])"), "2025-12-01");
  EXPECT_EQ(date("45992.5", R"("serial")"), "2025-12-01T12:00:00Z");
  for (const char* none : {"", "  ", "00/00/0000", "0000-00-00", "0"})
    EXPECT_EQ(date(none, R"("%d/%m/%Y")"), "") << none;
  EXPECT_EQ(date("31/02/2026", R"("%d/%m/%Y")").at("unreadable"),
            "people.csv:2, column 2: '31/02/2026' is no date as %d/%m/%Y writes it")
      << "one record's trouble: whatever rule reads it fails for this person alone";
  EXPECT_THAT(date("31/12/25", R"("%d/%m/%Y")").dump(), HasSubstr("unreadable")) << "a year has four digits";
  EXPECT_THAT(mistake({{"dates", R"({"d":"%q"})"}}), HasSubstr("'%q' is none of"));
  EXPECT_THAT(records("id,d\n1,x\n", {{"dates", R"({"left":"%Y"})"}}),
              HasSubstr("no column is called 'left'"));
}

TEST_F(CsvFormsTest, ALastLineWithoutItsEndIsCut) {
  EXPECT_THAT(records("id,status\n1,active\n2,acti"),
              HasSubstr("people.csv:3: the last line has no line end"));
  EXPECT_EQ(ids("id,status\n1,active\n2,active", {{"unended", "allowed"}}), "1 2 ");
}

TEST_F(CsvFormsTest, AStrayQuoteSwallowsNobodyUnseen) {
  EXPECT_THAT(records("id,name,at\n5,\"Eve,Oslo\n6,Fay\",Rome\n"),
              HasSubstr("people.csv:2: the quoted cell in the column 'name' contains"));
  EXPECT_THAT(records("id,name,at\n5,Eve,\"Oslo\n6,Fay,Rome\n7,Gil,Bonn\"\n"),
              HasSubstr("contains what looks like whole rows"));
  EXPECT_THAT(records("id,name,at\n5,\"Eve,Oslo\n\n6,Fay\",Rome\n"), HasSubstr("looks like whole rows"))
      << "a blank line is no row";
  EXPECT_THAT(records("id,name,at\n5,\"Eve,Oslo\n6,Fay,Rome\n7,Gil,Bonn,x\n8,Hal,Ulm,y\",Rome\n"),
              HasSubstr("looks like whole rows"))
      << "one whole row is enough";
  EXPECT_THAT(records("id,name,\"at\n5,Eve,Oslo\n6,Fay\",x\n7,Gil,Bonn,y\n"),
              HasSubstr("a quoted column name contains what looks like rows"));
  EXPECT_THAT(records("id,name,at\n5,Eve,\"Main Street 1,\nOslo\"\n"), HasSubstr("Main Street"))
      << "an address is none";
  EXPECT_THAT(records("id,name\n5,\"a\nb,c\"\n", {{"line-breaks", "allowed"}}), HasSubstr("\"a\\nb,c\""));
}

TEST_F(CsvFormsTest, TakesCellsOfSeveralLinesThatAreNoRows) {
  for (const char* text :
       {"id,note\n5,\"Main St 1\n12345, Town\nGermany\"\n", "id,note\n5,\"Hello\nRegards, Ann\nbye\"\n",
        "id,name,note\n5,Eve,\"Acme Ltd.\nUnit 3, Mill Rd, Leeds\nUK\"\n",
        "id,note\n5,\"Main St 1\nTown, North\n\"\n", "id,\"Full\nname\"\n5,Eve\n"})
    EXPECT_THAT(ids(text, {}), HasSubstr("5 ")) << text;
}

TEST_F(CsvFormsTest, OffersAFooterForATotalWithoutAKey) {
  EXPECT_THAT(records("id,name,at\n5,Eve,Oslo\n,New Joiner,Rome\n"), testing::Not(HasSubstr("footer")));
  EXPECT_THAT(records("id,name,at\n5,Eve,Oslo\n6,Fay,Rome\n,,2 people\n"),
              HasSubstr("footer: 1 leaves it out"));
}

TEST_F(CsvFormsTest, ATotalInTheColumnOfTheKeyIsNobody) {
  const std::string rows = "id,name,mail\n1,Ada,a@x\n2,Bo,\n";
  EXPECT_THAT(records(rows + "Total: 2,,\n"),
              AllOf(HasSubstr("people.csv:4: the last row has nothing but a key"), HasSubstr("footer: 1"),
                    HasSubstr("footer: 0")));
  EXPECT_EQ(ids(rows + "Total: 2,,\n", {{"footer", "1"}}), "1 2 ");
  EXPECT_EQ(ids(rows + "Total: 2,,\n", {{"footer", "0"}}), "1 2 Total: 2 ");
  EXPECT_THAT(records("id;name;mail;\n1;Ada;a@x;\n1500; ;;\n", {{"delimiter", ";"}}), HasSubstr("footer: 1"))
      << "blanks are no value";
  EXPECT_THAT(records("id,company,name,mail\n1,a,Ada,a@x\nTotal,1,,\n", {{"key", R"(["company","id"])"}}),
              HasSubstr("footer: 1"));
  const Pulled aside = read(rows + "Total: 2,,\n", {{"bad-rows", "quarantine"}});
  EXPECT_EQ(aside.accounts.size(), 2U);
  EXPECT_THAT(records(rows + "Total: 2,,\n", {{"choose", "last"}}), HasSubstr("footer: 1"));
}

TEST_F(CsvFormsTest, ARowWithNothingButAKeyIsARecordWhereItIsNoTotal) {
  EXPECT_EQ(ids("id,name\n1,Ada\n2,\n", {}), "1 2 ") << "two columns: one empty cell says nothing";
  EXPECT_EQ(ids("id,name,mail\n1,,\n2,Bo,b@x\n3,,\n", {}), "1 2 3 ") << "others are like it";
  EXPECT_EQ(ids("id,name,mail\n1,,\n2,Bo,b@x\n", {}), "1 2 ") << "it is not the last";
  EXPECT_EQ(ids("id,name,mail\n1,Ada,a@x\n2,,\n3,,\n", {}), "1 2 3 ") << "a total stands alone";
  EXPECT_EQ(ids("id,company,name\n1,a,Ada\n2,a,\n", {{"key", R"(["company","id"])"}}), "a/1 a/2 ");
  EXPECT_EQ(ids("id,name,mail,,\n1,Ada,a@x,,\n2,Bo,,,\n", {}), "1 2 ");
  EXPECT_THAT(records("id,name,mail\n1,Ada,a@x\n2,,\n3,\"x\n"), Not(HasSubstr("footer")))
      << "what cannot be read follows";
}

TEST_F(CsvFormsTest, TellsTheColumnsAlsoWithoutRows) {
  write("people.csv", "name,id,,at,at\n");
  const auto page = connector({}, {"name"})->fetch("", {});
  ASSERT_TRUE(page);
  EXPECT_THAT(page->columns, testing::ElementsAre("id", "name")) << "as records have them";
}

TEST_F(CsvFormsTest, SaysThatACellIsTooLong) {
  const std::string photo(2U << 20U, 'x');
  EXPECT_THAT(records("id,photo\n1," + photo + "\n"), HasSubstr("people.csv:2: a cell is longer than 1 MiB"));
  EXPECT_THAT(records("id,photo\n1,\"" + photo + "\"\n"), HasSubstr("or a quoted cell is longer than 1 MiB"));
}

TEST_F(CsvFormsTest, ReadsNothingWithoutEnd) {
  EXPECT_THAT(records("id\n1\n", {{"path", "/dev/zero"}}), HasSubstr("it begins with NUL bytes"));
  EXPECT_THAT(records("id\n1\n", {{"path", "/dev/urandom"}, {"size-limit", "1MB"}}),
              HasSubstr("larger than 1 MB"));
  EXPECT_THAT(records("id,name\n1,Ada\n", {{"size-limit", "8"}}), HasSubstr("larger than 8 bytes"));
  EXPECT_THAT(mistake({{"size-limit", "many"}}), HasSubstr("a size such as 500MB"));
}

TEST_F(CsvFormsTest, StopsWhileAPipeHasNoWriter) {
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::stop_source stop;
  std::jthread later([&] { stop.request_stop(); });
  const auto page = connector({{"path", pipe}})->fetch("", stop.get_token());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, FailureKind::stopped);
}

TEST_F(CsvFormsTest, ReadsAPipeWhoseWriterComesLate) {
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::jthread writer([&] {
    const int out = ::open(pipe.c_str(), O_WRONLY);
    EXPECT_EQ(::write(out, "id,name\n1,Ada\n", 14), 14);
    ::close(out);
  });
  EXPECT_EQ(pull(*connector({{"path", pipe}})).accounts.size(), 1U);
}

TEST_F(CsvFormsTest, AFooterThatIsCutIsNoProof) {
  const Options footer = {{"footer", "1"}};
  EXPECT_EQ(read("id,name\n1,Ada\nTotal: 2\n", footer).no_proof, "");
  EXPECT_THAT(read("id,name\n1,Ada\n2,B", footer).no_proof, HasSubstr("its footer has no line end"))
      << "two rows of this file may have been records";
  EXPECT_EQ(read("id,name\n1,Ada\nTotal: 2", {{"footer", "1"}, {"unended", "allowed"}}).no_proof, "");
}

TEST_F(CsvFormsTest, TheNewestIsTheLatestMomentHoweverItIsWritten) {
  const auto newest = [&](const std::string& earlier, const std::string& later) {
    const std::string head = "id,job,from\n";
    const std::string a = "1,nurse," + earlier + "\n", b = "1,teacher," + later + "\n";
    const Options newest_by = {{"choose", "newest by from"}};
    const std::string once = records(head + a + b, newest_by), turned = records(head + b + a, newest_by);
    EXPECT_EQ(once, turned) << earlier << " " << later;
    return once;
  };
  for (const auto& [earlier, later] : std::vector<std::pair<std::string, std::string>>{
           {"2026-03-01T09:00:00+02:00", "2026-03-01T08:30:00Z"},
           {"2026-03-01T23:30:00-01:00", "2026-03-02T00:40:00.5Z"},
           {"2026-03-01T08:30:00", "2026-03-01 09:00"},
           {"2026-03-01", "2026-03-01T00:00:01Z"},
           {"", "2026-03-01"},
           {"9", "000010"}})
    EXPECT_THAT(newest(earlier, later), HasSubstr("teacher")) << earlier << " " << later;
  for (const std::string odd : {"20260302", "2026-02-31", "2026-03-02T25:00:00Z"})
    EXPECT_THAT(
        records("id,job,from\n1,nurse,2026-03-01\n1,teacher," + odd + "\n", {{"choose", "newest by from"}}),
        HasSubstr("in all of them a date"))
        << odd;
}

TEST_F(CsvFormsTest, ALargeSampleIsCutBetweenLines) {
  constexpr std::size_t sampled = 64U << 20U;
  std::string text = "id,name\n", name;
  for (int i = 0; i < 400'000; ++i) name += "é";
  for (int i = 0; text.size() <= sampled; ++i) text += std::to_string(i) + "," + name + "\n";
  if ((static_cast<unsigned char>(text[sampled]) & 0xC0U) != 0x80U) text.insert(2, 1, 's');
  ASSERT_EQ(static_cast<unsigned char>(text[sampled]) & 0xC0U, 0x80U) << "the sample ends inside a character";
  write("large.csv", text);
  const auto sample = sample_csv(folder_ / "large.csv", 1);
  ASSERT_TRUE(sample) << sample.error();
  EXPECT_EQ(sample->encoding, "");
}

}  // namespace
}  // namespace usher
