#include "rules/cel/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace usher::cel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A person as the tests of this file know them.
Type person_type() {
  return Type::object({{"first", Type::string()},
                       {"last", Type::string()},
                       {"mail", Type::string()},
                       {"age", Type::integer()},
                       {"tags", Type::list(Type::string())},
                       {"office", Type::object({{"city", Type::string()}, {"floor", Type::integer()}})}});
}

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    person_ = environment_.declare("person", person_type_);
    any_ = environment_.declare("record", Type::dyn());
    now_ = environment_.declare("now", Type::timestamp());
  }

  std::string evaluate(std::string_view source,
                       std::string_view person = R"({"first":"Ada","last":"Lovelace"})",
                       const Type& wanted = Type::dyn()) {
    const auto program = Program::compile(source, environment_, wanted);
    if (!program) return "mistake: " + program.error().front().message;
    bindings_.reset();
    bindings_.set(person_, object_from_json(person, person_type_, bindings_.arena()));
    bindings_.set(any_, from_json(person, bindings_.arena()));
    bindings_.set(now_, Value::timestamp({1'700'000'000, 0}));
    const Value value = program->evaluate(bindings_);
    if (value.is_error()) return "error: " + std::string(value.error_message());
    std::string text;
    append_json(value, text);
    return text;
  }

  std::vector<Diagnostic> mistakes(std::string_view source, const Type& wanted = Type::dyn()) {
    const auto program = Program::compile(source, environment_, wanted);
    return program ? std::vector<Diagnostic>() : program.error();
  }

  Type person_type_ = cel::person_type();
  Environment environment_;
  Environment::Slot person_ = 0, any_ = 0, now_ = 0;
  Bindings bindings_{[this] {
    Environment same;
    same.declare("person", person_type_);
    same.declare("record", Type::dyn());
    same.declare("now", Type::timestamp());
    return same;
  }()};
};

TEST_F(ProgramTest, ReadsFieldsBySlotAndByName) {
  EXPECT_EQ(evaluate("person.first + ' ' + person.last"), R"("Ada Lovelace")");
  EXPECT_EQ(evaluate("record.first + ' ' + record['last']"), R"("Ada Lovelace")");
  EXPECT_EQ(evaluate("person.office.city", R"({"office":{"city":"Paris","floor":2}})"), R"("Paris")");
}

TEST_F(ProgramTest, AFieldThatIsNotThereIsAnErrorAndHasTellsIt) {
  EXPECT_EQ(evaluate("person.mail"), "error: no such field: mail");
  EXPECT_EQ(evaluate("record.mail"), "error: no such field: mail");
  EXPECT_EQ(evaluate("has(person.mail) ? person.mail : 'none'"), R"("none")");
  EXPECT_EQ(evaluate("has(record.mail)", R"({"mail":null})"), "true");
  EXPECT_EQ(evaluate("record.?mail.orValue('none')"), R"("none")");
}

TEST_F(ProgramTest, AnErrorSaysWhereItCameFrom) {
  const auto program = Program::compile("'to: ' + person.mail", environment_);
  ASSERT_TRUE(program);
  bindings_.set(person_, object_from_json("{}", person_type_, bindings_.arena()));
  const Value value = program->evaluate(bindings_);
  ASSERT_TRUE(value.is_error());
  EXPECT_EQ(value.as_error().offset, 9U);
  EXPECT_EQ(value.as_error().length, 11U);
}

TEST_F(ProgramTest, MistakesAreFoundBeforeRunningAllOfThem) {
  const auto found = mistakes("person.frist + persn.last + 1");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].message, "no such field: 'frist'; did you mean 'first'?");
  EXPECT_EQ(found[0].offset, 7U);
  EXPECT_EQ(found[0].length, 5U);
  EXPECT_EQ(found[1].message, "unknown name 'persn'; did you mean 'person'?");
  EXPECT_EQ(found[1].offset, 15U);
  EXPECT_EQ(mistakes("person.first == engineering").front().message,
            "unknown name 'engineering'; a text stands in quotes: \"engineering\"");
}

TEST_F(ProgramTest, AHyphenInAColumnIsExplained) {
  const auto found = mistakes("record.E-Mail.lowerAscii() + 'x'");
  ASSERT_EQ(found.size(), 1U) << "and nothing is said of a difference nobody wanted";
  EXPECT_EQ(found[0].message,
            "unknown name 'Mail'; a name with '-' in it stands in brackets: record[\"E-Mail\"]");
  EXPECT_TRUE(mistakes("person.age-person.age").empty());
}

TEST_F(ProgramTest, OperandsThatDoNotFitAreMistakes) {
  EXPECT_EQ(mistakes("person.age + person.first").front().message,
            "'+' does not take int and string; convert with string(…) or int(…)");
  EXPECT_EQ(mistakes("person.first == 1").front().message,
            "'==' does not take string and int; convert with string(…) or int(…)");
  EXPECT_THAT(mistakes("person.first.lowerAsci()").front().message, HasSubstr("did you mean 'lowerAscii'?"));
  EXPECT_THAT(mistakes("lowerAscii(person.first)").front().message,
              HasSubstr("called on a value, as in x.lowerAscii("));
  EXPECT_THAT(mistakes("person.first.substring('1')").front().message,
              HasSubstr("string.substring(int) -> string"));
  EXPECT_THAT(mistakes("person.first && true").front().message,
              HasSubstr("must be a bool, and this is a string"));
  EXPECT_THAT(mistakes("person.first.all(x, true)").front().message, HasSubstr("goes through a list or map"));
  EXPECT_THAT(mistakes("person.first.matches('(')").front().message, HasSubstr("regular expression"));
  EXPECT_THAT(mistakes("person.first.city").front().message, HasSubstr("a string has no fields"));
}

TEST_F(ProgramTest, TheResultMustBeWhatIsWanted) {
  EXPECT_EQ(mistakes("person.age", Type::string()).front().message,
            "the result is int where string is wanted");
  EXPECT_TRUE(mistakes("person.age", Type::integer()).empty());
  EXPECT_TRUE(mistakes("null", Type::string()).empty());
  EXPECT_TRUE(mistakes("record.age", Type::string()).empty()) << "known at run time only";
  EXPECT_EQ(evaluate("record.age", R"({"age":3})", Type::string()),
            "error: the result is int where string is wanted");
  EXPECT_EQ(evaluate("[record.age]", R"({"age":3})", Type::list(Type::string())),
            "error: the result is list where list(string) is wanted");
}

TEST_F(ProgramTest, TellsWhatItReads) {
  const auto program = Program::compile(
      "has(person.mail) && person.office.city == record['x'] && person.tags.exists(t, t == person.first)",
      environment_);
  ASSERT_TRUE(program);
  EXPECT_THAT(program->fields("person"), ElementsAre("first", "mail", "office.city", "tags"));
  EXPECT_THAT(program->fields("record"), ElementsAre("x"));
  EXPECT_TRUE(program->uses("record"));
  EXPECT_FALSE(program->uses("now"));
  EXPECT_FALSE(program->constant());
  EXPECT_TRUE(Program::compile("1 + 1 == 2 ? 'x' : 'y'", environment_)->constant());
}

TEST_F(ProgramTest, KnowsFieldsThatAreReadByIndex) {
  const auto program =
      Program::compile("record[\"E-Mail\"] + record[?'office'].city.orValue('')", environment_);
  ASSERT_TRUE(program);
  EXPECT_THAT(program->fields("record"), ElementsAre("E-Mail", "office.city"));
  EXPECT_THAT(Program::compile("record['a.b'] + record[person.mail]", environment_)->fields("record"),
              ElementsAre(""));
}

// Only what is compared with `now` can come out otherwise by time alone, and when is known. now:
// 2023-11-14T22:13:20Z.
TEST_F(ProgramTest, TellsWhenTimeAloneChangesTheResult) {
  struct Row {
    const char* source;
    std::optional<std::int64_t> turn;
  };
  const std::string record =
      R"({"end":"2023-11-15T00:00:00Z","past":"2020-01-01T00:00:00Z","list":["2023-11-14T22:13:30Z"]})";
  const std::vector<Row> rows{
      {"now < timestamp(record.end)", 6400},
      {"timestamp(record.end) > now", 6400},
      {"now + duration('1h') < timestamp(record.end)", 2800},
      {"timestamp(record.end) - now < duration('1h')", 2800},
      {"now - timestamp(record.end) <= duration('24h')", 6400 + 86400},
      {"now - timestamp(record.past) >= duration('24h')", std::nullopt},
      {"now > timestamp(record.past)", std::nullopt},
      {"has(record.none) && now < timestamp(record.end)", std::nullopt},
      {"now < timestamp(record.end) || now < timestamp('2023-11-14T22:13:25Z')", 6400},
      {"now < timestamp(record.past) || now < timestamp(record.end)", 6400},
      {"record.list.exists(one, timestamp(one) > now)", 10},
      {"now - now < duration('1s')", std::nullopt},
      {"now.getFullYear() == 2023", 0},
      {"string(now)", 0},
      {"now == timestamp(record.end)", 0},
      {"timestamp(record.end) < timestamp('2024-01-01T00:00:00Z')", std::nullopt},
      {"now < timestamp(record.nowhere)", std::nullopt},
  };
  for (const Row& row : rows) {
    bindings_.forget_turn();
    evaluate(row.source, record);
    EXPECT_EQ(bindings_.turn(), row.turn) << row.source;
  }
}

TEST_F(ProgramTest, TracesEverySubExpression) {
  const auto program = Program::compile("person.first + '!' == record.last", environment_);
  ASSERT_TRUE(program);
  bindings_.set(person_, object_from_json(R"({"first":"Ada"})", person_type_, bindings_.arena()));
  bindings_.set(any_, from_json("{}", bindings_.arena()));
  std::vector<std::string> told;
  for (const auto& step : program->trace(bindings_)) told.push_back(step.text + " = " + step.value);
  EXPECT_THAT(told, ElementsAre(R"(person = {"first":"Ada"})", R"(person.first = "Ada")",
                                R"(person.first + '!' = "Ada!")", "record = {}",
                                "record.last = error: no such field: last",
                                "person.first + '!' == record.last = error: no such field: last"));
}

TEST_F(ProgramTest, UniqueTakesTheFirstCandidateNobodyElseHolds) {
  EXPECT_THAT(evaluate("unique(['a', 'b'])"), HasSubstr("cannot tell here"));
  bindings_.set_taken([](std::string_view candidate) { return candidate == "ada" || candidate == "ada2"; });
  EXPECT_EQ(evaluate("unique(person.first.login().numbered(9))"), R"("ada3")");
  EXPECT_THAT(evaluate("unique(['ada', ''])"), HasSubstr("somebody else holds every candidate"));
}

TEST_F(ProgramTest, LooksUpRowsOfTables) {
  environment_.table("cities", std::make_shared<const std::map<std::string, std::string>>(
                                   std::map<std::string, std::string>{{"Ada", "London"}}));
  EXPECT_EQ(evaluate("lookup('cities', person.first)"), R"("London")");
  EXPECT_EQ(evaluate("lookup('cities', person.last)"), "error: table 'cities' has no row 'Lovelace'");
  EXPECT_EQ(evaluate("lookup('cities', person.last, 'Paris')"), R"("Paris")");
  EXPECT_EQ(mistakes("lookup('citys', 'x')").front().message, "no table 'citys'; did you mean 'cities'?");
}

TEST_F(ProgramTest, NothingRunsForEver) {
  const std::string list = "[1,2,3,4,5,6,7,8,9,10]";
  std::string loops = "person.first != ''";
  for (int i = 0; i < 12; ++i) loops = list + ".all(x" + std::to_string(i) + ", " + loops + ")";
  EXPECT_THAT(evaluate(loops), HasSubstr("gave up"));
  EXPECT_THAT(evaluate(loops + " || true"), HasSubstr("gave up"));
  std::string doubled = "x0";
  for (int i = 60; i > 0; --i) {
    doubled = "cel.bind(x" + std::to_string(i) + ", [x" + std::to_string(i - 1) + ", x" +
              std::to_string(i - 1) + "], " + (i == 60 ? "x60" : doubled) + ")";
  }
  EXPECT_THAT(evaluate("cel.bind(x0, person, " + doubled + ")"), HasSubstr("too large"));
  EXPECT_THAT(evaluate("cel.bind(x0, person, " + doubled + " == [])"), "false");
}

}  // namespace
}  // namespace usher::cel
