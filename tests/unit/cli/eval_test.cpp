#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/shell.hpp"

namespace usher {
namespace {

namespace fs = std::filesystem;

Shell::Result eval(std::vector<std::string> words, const std::string& input = {}) {
  words.insert(words.begin(), "eval");
  Shell shell;
  shell.input = input;
  return shell.run(words);
}

TEST(Eval, ShowsValueAndType) {
  const auto result = eval({R"("Zoë Müller-Łukasz".ascii().login())"});
  EXPECT_EQ(result.code, ExitCode::done) << result.err;
  EXPECT_EQ(result.out, "\"zoe.muller-lukasz\"\nstring\n");
  EXPECT_EQ(eval({"[1, 2].map(x, x * 2)"}).out, "[2,4]\nlist(int)\n");
  EXPECT_EQ(eval({"now > timestamp('2020-01-01T00:00:00Z')"}).out, "true\nbool\n");
}

TEST(Eval, ReadsVariablesFromJsonFilesAndStandardInput) {
  const std::string json = R"({"record": {"mail": "ADA@X.ORG"}, "now": "2026-03-01T00:00:00Z"})";
  const std::string expression = "record.mail.lowerAscii() + now.toDate()";
  const std::string expected = "\"ada@x.org2026-03-01\"\nstring\n";
  EXPECT_EQ(eval({"--vars", json, expression}).out, expected);
  EXPECT_EQ(eval({"--vars", "-", expression}, json).out, expected);
  const fs::path file = fs::path(testing::TempDir()) / ("eval-vars-" + std::to_string(getpid()) + ".json");
  std::ofstream(file) << json;
  EXPECT_EQ(eval({"--vars", file.string(), expression}).out, expected);
}

TEST(Eval, RefusesVariablesThatAreNone) {
  for (const char* vars : {"[1]", "{", "/there/is/no/such/file", R"({"now": "yesterday"})"}) {
    const auto result = eval({"--vars", vars, "1"});
    EXPECT_EQ(result.code, ExitCode::usage) << vars;
    EXPECT_EQ(result.out, "") << vars;
  }
}

TEST(Eval, PointsAtAMistake) {
  const auto result = eval({"1 +\n  siez([1])"});
  EXPECT_EQ(result.code, ExitCode::usage);
  EXPECT_NE(result.out.find("expression:2:3: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("  siez([1])\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find('^'), std::string::npos) << result.out;
}

TEST(Eval, FailsWhereTheEvaluationFails) {
  const auto result = eval({"--vars", R"({"record": {}})", "--trace", "record.mail == '' || 1 / 0 == 1"});
  EXPECT_EQ(result.code, ExitCode::failed);
  EXPECT_NE(result.out.find("error: "), std::string::npos) << result.out;
}

TEST(Eval, TracesEveryPart) {
  const auto result = eval({"-o", "json", "--vars", R"({"a": 2})", "--trace", "a * 3 + 1"});
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["value"], 7);
  ASSERT_EQ(json["trace"].size(), 3U) << result.out;
  EXPECT_EQ(json["trace"][1]["expression"], "a * 3");
  EXPECT_EQ(json["trace"][1]["value"], "6");
  EXPECT_EQ(json["trace"][2]["value"], "7");
}

/// Two people of one name in a state that has only read its file.
class EvalForAPerson : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder);
    fs::create_directories(folder);
    std::ofstream(folder / "people.csv") << "key,name,mail\nE1,Zoë,Z@X.ORG\nE2,Zoë,other@x.org\n";
    std::ofstream(folder / "usher.yaml") << R"(version: 1
state: usher.db
platforms:
  hr: {connector: csv, path: people.csv}
  iot: {connector: mainflux, url: "http://127.0.0.1:1", identity: a@b.c, secret: x}
tables: {sites: {ber: Berlin}}
people: {from: hr, key: record.key, attributes: {mail: record.mail.lowerAscii(), name: record.name}}
accounts:
  iot:
    set: {credentials.identity: person.mail, name: 'unique(person.name.ascii().login().numbered(3))'}
)";
    const auto pulled = Shell{}.run({"pull", "hr", "-c", config()});
    ASSERT_EQ(pulled.code, ExitCode::done) << pulled.err;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string config() const { return (folder / "usher.yaml").string(); }
  Shell::Result eval_for(std::vector<std::string> words) const {
    words.insert(words.end(), {"-c", config()});
    return eval(std::move(words));
  }

  const fs::path folder = fs::path(testing::TempDir()) / ("usher-eval-" + std::to_string(getpid()));
};

TEST_F(EvalForAPerson, SeesRecordPersonAndTables) {
  EXPECT_EQ(eval_for({"--person", "E1", "record.mail + ' ' + person.mail"}).out,
            "\"Z@X.ORG z@x.org\"\nstring\n");
  EXPECT_EQ(eval_for({"--person", "E1", "lookup('sites', 'ber')"}).out, "\"Berlin\"\nstring\n");
  EXPECT_EQ(eval_for({"--person", "E1", "person.mial"}).code, ExitCode::usage);
}

TEST_F(EvalForAPerson, SaysThatNobodyHasTheKey) {
  const auto result = eval_for({"--person", "E9", "record"});
  EXPECT_EQ(result.code, ExitCode::failed);
  EXPECT_NE(result.err.find("'E9'"), std::string::npos) << result.err;
}

TEST_F(EvalForAPerson, NeedsThePersonToLookAtAnAccount) {
  EXPECT_EQ(eval_for({"--platform", "iot", "1"}).code, ExitCode::usage);
  EXPECT_EQ(eval_for({"--person", "E1", "--platform", "ito", "1"}).code, ExitCode::usage);
}

}  // namespace
}  // namespace usher
