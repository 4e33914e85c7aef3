#include "rules/cel/library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "rules/cel/moment.hpp"
#include "rules/cel/names.hpp"
#include "rules/cel/program.hpp"

namespace usher::cel {
namespace {

using testing::HasSubstr;

/// What a constant expression comes to, as JSON or as its error.
std::string result(std::string_view source) {
  const Environment environment;
  const auto program = Program::compile(source, environment);
  if (!program) return "mistake: " + program.error().front().message;
  Bindings bindings(environment);
  const Value value = program->evaluate(bindings);
  if (value.is_error()) return "error: " + std::string(value.error_message());
  std::string text;
  append_json(value, text);
  return text;
}

TEST(LibraryTest, FindsOverloadsByNameWayToCallAndNumberOfArguments) {
  const Library& library = Library::standard();
  EXPECT_EQ(library.find("substring", true, 2).size(), 1U);
  EXPECT_EQ(library.find("substring", true, 2)[0].signature, "string.substring(int) -> string");
  EXPECT_EQ(library.find("substring", false, 2).size(), 0U);
  EXPECT_EQ(library.find("size", false, 1).size(), 4U);
  EXPECT_EQ(library.find("math.abs", false, 1).size(), 3U);
}

TEST(LibraryTest, TypesFlowThroughSignatures) {
  const Overload& first = Library::standard().find("first", true, 1)[0];
  EXPECT_EQ(first.result_for(std::vector{Type::list(Type::string())})->to_string(), "optional(string)");
  const Overload& either = Library::standard().find("orValue", true, 2)[0];
  EXPECT_EQ(either.result_for(std::vector{Type::optional(Type::string()), Type::string()})->to_string(),
            "string");
  EXPECT_FALSE(either.result_for(std::vector{Type::optional(Type::string()), Type::integer()}));
}

TEST(TextTest, CaseOfAsciiLettersAloneWhereverTheyStand) {
  const std::string around =
      "@AMZ[`amz{\x01\x7F Éé\u00C1\u00DA\u0141ÿ";  // neighbours, and letters with a high bit
  for (std::size_t offset = 0; offset < 9; ++offset) {
    for (std::size_t more = 0; more < 9; ++more) {
      const std::string text = std::string(offset, '-') + around + std::string(more, 'q');
      std::string lower = text, upper = text;
      for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      const auto quoted = [](const std::string& raw) { return nlohmann::json(raw).dump(); };
      EXPECT_EQ(result(quoted(text) + ".lowerAscii()"), quoted(lower));
      EXPECT_EQ(result(quoted(text) + ".upperAscii()"), quoted(upper));
    }
  }
}

TEST(IdentityTest, LoginsOfNames) {
  EXPECT_EQ(result("'Zoë Müller-Łukasz'.ascii().login()"), R"("zoe.muller-lukasz")");
  EXPECT_EQ(result("\"Conan  O'Brien Jr.\".ascii().login()"), R"("conan.obrien.jr")");
  EXPECT_EQ(result("'..Ada...Lovelace..'.login()"), R"("ada.lovelace")");
  EXPECT_EQ(result("'Åse Ødegård'.ascii('nb').login('')"), R"("aaseoedegaard")");
  EXPECT_EQ(result("'Nguyễn Đình'.ascii()"), R"("Nguyen Dinh")");
  EXPECT_EQ(result("'ﬁancé №1'.ascii()"), R"("fiance No1")");
  EXPECT_EQ(result("'Хрущёв Щукин'.ascii()"), R"("Khrushchev Shchukin")");
  EXPECT_EQ(result("'Άννα Ψαρρού'.ascii()"), R"("Anna Psarroy")");
  EXPECT_THAT(result("'山田'.ascii()"), HasSubstr("U+5C71"));
}

TEST(IdentityTest, FoldingAndForms) {
  EXPECT_EQ(result("'MASSE'.fold() == 'Maße'.fold()"), "true");
  EXPECT_EQ(result("'ΣΊΣΥΦΟΣ'.fold() == 'σίσυφος'.fold()"), "true");
  EXPECT_EQ(result("'e\\u0301'.nfc()"), "\"é\"");
  EXPECT_EQ(result("'e\\u0301'.fold() == 'É'.fold()"), "true");
}

TEST(IdentityTest, Dates) {
  EXPECT_EQ(result("date('31.12.2025', '%d.%m.%Y')"), R"("2025-12-31T00:00:00Z")");
  EXPECT_EQ(result("date('2025-12-31 23:05', '%Y-%m-%d %H:%M')"), R"("2025-12-31T23:05:00Z")");
  EXPECT_THAT(result("date('31.02.2025', '%d.%m.%Y')"), HasSubstr("is no date"));
  EXPECT_THAT(result("date('2025-01-01x')"), HasSubstr("is no date"));
  EXPECT_THAT(result("date('2025', '%')"), HasSubstr("is no date"));
  EXPECT_EQ(result("date('2024-01-31').addMonths(13).toDate()"), R"("2025-02-28")");
  EXPECT_EQ(result("date('2024-03-31').addMonths(-1).toDate()"), R"("2024-02-29")");
  EXPECT_EQ(result("timestamp('2024-01-01T12:34:56Z').addMonths(1)"), R"("2024-02-01T12:34:56Z")");
  EXPECT_THAT(result("date('9999-12-31').addDays(1)"), HasSubstr("leaves the years"));
  EXPECT_THAT(result("date('2024-01-01').addYears(9223372036854775807)"), HasSubstr("leaves the years"));
}

TEST(MomentTest, DurationsReadAndWrite) {
  EXPECT_EQ(parse_duration("1h30m"), 5'400'000'000'000);
  EXPECT_EQ(parse_duration("-1.5s"), -1'500'000'000);
  EXPECT_EQ(parse_duration("1.5h"), 5'400'000'000'000);
  EXPECT_EQ(parse_duration("2us3ns"), 2'003);
  EXPECT_EQ(parse_duration("0"), 0);
  EXPECT_EQ(parse_duration(".5s"), 500'000'000);
  EXPECT_EQ(format_duration(INT64_MIN), "-9223372036.854775808s");
  EXPECT_EQ(parse_duration("-9223372036.854775808s"), INT64_MIN);
  for (const char* text : {"", "-", "s", "1", "1x", "1 s", ".s", "1h-2m", "9223372037s", "00"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(MomentTest, TimestampsReadAndWrite) {
  EXPECT_EQ(format_timestamp(*parse_timestamp("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z");
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.000000001+00:01")->seconds, -60);
  for (const char* text : {"1970-01-01", "1970-01-01T00:00:00", "1970-01-01T24:00:00Z",
                           "1970-13-01T00:00:00Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+1:00",
                           "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "1970-01-01T00:00:00Zx"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(BudgetTest, TextThatGrowsWithoutEndIsCutOff) {
  std::string source = "'0123456789abcdef'";
  for (int i = 0; i < 40; ++i) source = "cel.bind(x, " + source + ", x + x)";
  EXPECT_THAT(result(source), HasSubstr("gave up"));
  std::string replaced = "'aaaaaaaaaaaaaaaa'";
  for (int i = 0; i < 12; ++i) replaced += ".replace('a', 'aaaaaaaaaaaaaaaa')";
  EXPECT_THAT(result(replaced), HasSubstr("gave up"));
}

}  // namespace
}  // namespace usher::cel
