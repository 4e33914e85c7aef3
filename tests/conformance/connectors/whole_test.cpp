#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/conformance/connectors/subject.hpp"
#include "tests/support/shell.hpp"

// The whole program on every platform: it converges, leaves its own account alone, and keeps secrets to
// itself.
namespace usher {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Whole : public testing::TestWithParam<Subject> {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("usher-whole-" + GetParam().name + "-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }

  // Everybody whom the platform's administrator does not count as himself, and two who are new; nobody else.
  void write_people() {
    std::string rows = "key,mail\n";
    int number = 0;
    const Pulled pulled = pull_all(*world.connect({{"page-size", "100"}}), {});
    const auto connector = world.connect();
    for (const auto& [id, digest] : pulled.digests) {
      const auto account = connector->read({.id = id}, {});
      if (!account || !*account || id == pulled.self || ++number > 20) continue;
      rows += "E" + std::to_string(number) + "," + attribute_text(**account, key()) + "\n";
    }
    write("people.csv", rows + "N1,new1@x.example\nN2,new2@x.example\n");
    self = pulled.self;
  }

  std::string key() {
    const Capabilities can = world.connect()->capabilities();
    return can.natural_key.empty() ? can.label : can.natural_key;
  }

  void write_configuration() {
    std::string platform = "    connector: " + GetParam().platform + "\n    attempts: 1\n";
    for (const auto& [name, value] : world.options()) {
      const bool secret = name == "secret" || name == "password";
      if (secret) write("secret", value);
      platform += "    " + name + ": " + (secret ? "${file:secret}" : "\"" + value + "\"") + "\n";
    }
    write("usher.yaml",
          "version: 1\nstate: usher.db\nplatforms:\n  hr: {connector: csv, path: people.csv, shrink: 100%}\n "
          " there:\n" +
              platform +
              "people: {from: hr, key: record.key, attributes: {mail: record.mail}, guards: "
              "{vanished-records: 100%}}\n"
              "accounts:\n  there:\n    match: [{account: " +
              key() + ", person: person.mail, fold: case}]\n    set: {" + key() +
              ": person.mail}\n"
              "    leavers: {disable: now, without-disable: delete}\n"
              "    guards: {create: 100%, update: 100%, disable: 100%, delete: 100%, removals: 100%}\n"
              "    credentials: {first: {file: first-secrets}}\n");
  }

  ExitCode usher(std::vector<std::string> words) {
    words.insert(words.end(), {"--config", (folder / "usher.yaml").string()});
    for (const char* output : {"text", "json"}) {
      const bool again = std::string(output) == "json" && (words[0] == "apply" || words[0] == "sync");
      if (again) break;
      auto wanted = words;
      wanted.insert(wanted.end(), {"--output", output, "--verbose"});
      const auto result = Shell{}.run(wanted);
      said += result.out + result.err;
      code = result.code;
    }
    return code;
  }

  // Every byte usher left behind or said, and the secrets that must not be in it.
  void expect_silence(const std::vector<std::string>& secrets) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename();
      if (name == "secret" || name == "first-secrets") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      for (const std::string& secret : secrets)
        EXPECT_EQ(bytes.find(secret), std::string::npos) << name << " holds " << secret;
    }
    for (const std::string& secret : secrets) EXPECT_EQ(said.find(secret), std::string::npos) << secret;
    EXPECT_EQ(said.find("eyJ"), std::string::npos) << "a token";
    EXPECT_EQ(said.find("$2a$"), std::string::npos) << "a hash";
  }

  World world{GetParam()};
  fs::path folder;
  std::string self, said;
  ExitCode code = ExitCode::done;
};

INSTANTIATE_TEST_SUITE_P(Recipes, Whole, testing::ValuesIn(subjects()),
                         [](const auto& one) { return one.param.name; });

TEST_P(Whole, ConvergesSparesItselfAndKeepsSecrets) {
  write_people();
  write_configuration();
  ASSERT_EQ(usher({"plan"}), ExitCode::changes_pending) << said;
  ASSERT_EQ(usher({"apply", "--yes"}), ExitCode::done) << said;
  EXPECT_EQ(usher({"plan", "--pull"}), ExitCode::done) << said;

  // A second account of a key that is taken, a wrong password, a platform that is down: said, without
  // secrets.
  world.break_with({{{"status", 500}, {"body", "{\"message\":\"" + world.secret() + "\"}"}}});
  usher({"pull", "there"});
  world.break_with(json::array());

  // Everybody leaves.
  write("people.csv", "key,mail\nX1,only@x.example\n");
  const ExitCode ended = usher({"sync"});
  EXPECT_TRUE(ended == ExitCode::done || ended == ExitCode::done_in_part) << said;
  EXPECT_TRUE(world.users().contains(self) || self.empty() || GetParam().platform == "sigfox");
  const json journal = world.server.journal(GetParam().platform);
  for (const json& entry : journal) {
    const std::string path = entry.at("path");
    const bool touched = !self.empty() && path.find(self) != std::string::npos;
    EXPECT_FALSE(touched) << "our own account was changed: " << entry;
  }

  std::vector<std::string> secrets{world.secret(), "sandbox-secret"};
  std::ifstream first(folder / "first-secrets");
  for (std::string line; std::getline(first, line);) secrets.push_back(json::parse(line).at("secret"));
  EXPECT_GE(secrets.size(), world.connect()->capabilities().first_secret ? 4U : 2U);
  expect_silence(secrets);
}

}  // namespace
}  // namespace usher
