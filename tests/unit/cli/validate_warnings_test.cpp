#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/support/shell.hpp"

namespace usher {
namespace {

namespace fs = std::filesystem;

// A configuration of one platform, and what validate says of its settings.
class SettingWarnings : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }

  Shell::Result validate(const std::string& platform, fs::perms mode = fs::perms(0600)) const {
    const std::string file = (folder / "usher.yaml").string();
    std::ofstream(file) << "version: 1\nplatforms:\n  hr: {connector: csv, path: people.csv}\n  iot: "
                        << platform
                        << "\npeople: {from: hr, key: record.id, attributes: {mail: record.mail}}\n"
                           "accounts: {}\n";
    fs::permissions(file, mode);
    std::ofstream(folder / "people.csv") << "id,mail\n1,a@x.example\n";
    Shell shell;
    return shell.run({"validate", "-c", file});
  }

  const fs::path folder = fs::path(testing::TempDir()) / ("setting-warnings-" + std::to_string(getpid()));
};

TEST_F(SettingWarnings, CredentialsThatTravelInTheClear) {
  const std::string rest = ", identity: a@b.c, secret: hunter2}";
  const auto far = validate("{connector: mainflux, url: \"http://iot.example.com\"" + rest);
  EXPECT_EQ(far.code, ExitCode::done);
  EXPECT_NE(far.out.find("travel to iot.example.com unencrypted: write https://"), std::string::npos)
      << far.out;
  EXPECT_EQ(far.out.find("hunter2"), std::string::npos) << far.out;
  for (const char* fine :
       {"https://iot.example.com", "http://localhost:9002", "http://127.0.0.1:9002", "http://[::1]:9002"})
    EXPECT_EQ(
        validate("{connector: mainflux, url: \"" + std::string(fine) + "\"" + rest).out.find("unencrypted"),
        std::string::npos)
        << fine;
}

TEST_F(SettingWarnings, ASecretInAFileThatOthersCanRead) {
  const std::string platform =
      "{connector: mainflux, url: \"https://iot.example.com\", identity: a@b.c, secret: hunter2}";
  const auto open = validate(platform, fs::perms(0644));
  EXPECT_NE(open.out.find("'secret' is a secret in clear text"), std::string::npos) << open.out;
  EXPECT_EQ(open.out.find("hunter2"), std::string::npos) << open.out;
  EXPECT_EQ(validate(platform).out.find("clear text"), std::string::npos);
}

TEST_F(SettingWarnings, CertificatesThatAreNotThere) {
  const std::string platform =
      "{connector: mainflux, url: \"https://iot.example.com\", identity: a@b.c, secret: hunter2, ca-file: "
      "ca.pem}";
  const auto none = validate(platform);
  EXPECT_EQ(none.code, ExitCode::done);
  EXPECT_NE(none.out.find("no certificates are read from ca.pem: No such file or directory"),
            std::string::npos)
      << none.out;
  std::ofstream(folder / "ca.pem") << "certificates";
  EXPECT_EQ(validate(platform).out.find("certificates are read"), std::string::npos);
}

TEST_F(SettingWarnings, RulesThatFailForEverybody) {
  const auto told_of = [&](const std::string& rules) {
    const std::string file = (folder / "usher.yaml").string();
    std::ofstream(file)
        << "version: 1\nplatforms:\n  hr: {connector: csv, path: people.csv}\n"
           "  iot: {connector: mainflux, url: \"http://localhost:1\", identity: a, secret: b}\n"
           "people: {from: hr, key: record.id, attributes: {mail: record.mail, age: record.age}}\n"
           "accounts:\n  iot:\n    match: [{account: credentials.identity, person: person.mail}]\n"
        << rules;
    fs::permissions(file, fs::perms(0600));
    std::ofstream(folder / "people.csv") << "id,mail,age\n1,a@x.example,x\n2,b@x.example,7\n";
    return Shell{}.run({"validate", "-c", file});
  };
  const auto who = told_of("    who: person.mail\n    set: {credentials.identity: person.mail}\n");
  EXPECT_EQ(who.code, ExitCode::configuration_invalid);
  EXPECT_NE(who.out.find("usher.yaml:9:10: this fails for all 2 records of hr that were tried: person.mail: "
                         "the result is string where bool is wanted"),
            std::string::npos)
      << who.out;
  const auto one = told_of("    set: {credentials.identity: person.mail, name: string(int(person.age))}\n");
  EXPECT_EQ(one.code, ExitCode::done) << "it fails for one of two: " << one.out;
  const auto both = told_of("    set: {credentials.identity: person.mail, name: string(int(person.mail))}\n");
  EXPECT_EQ(both.code, ExitCode::configuration_invalid) << both.out;
  EXPECT_EQ(told_of("    who: person.age == \"9\"\n    set: {name: string(int(person.mail))}\n").code,
            ExitCode::done)
      << "nobody is in scope";
}

TEST_F(SettingWarnings, AUrlThatTheRecipeDoesNotUse) {
  std::ofstream(folder / "fixed.yaml")
      << "recipe: 1\nname: fixed\nabout: Asks one address only\n"
         "options:\n  url: {type: url, about: Base}\n"
         "http: {base: \"https://elsewhere.example/v1\"}\nauth: none\n"
         "user:\n  attributes: {mail: {}}\n  list: {request: GET /users, pages: none}\n";
  const auto result = validate("{connector: fixed, url: \"https://iot.example.com\"}");
  EXPECT_NE(result.out.find("does not use 'url': requests go to https://elsewhere.example/v1"),
            std::string::npos)
      << result.out;
  Shell shell;
  const auto lint = shell.run({"connector", "lint", (folder / "fixed.yaml").string()});
  EXPECT_NE(lint.out.find("http.base does not read 'config.url'"), std::string::npos) << lint.out;
}

TEST_F(SettingWarnings, AFileInPlaceOfABuiltInRecipe) {
  const std::string recipe =
      "recipe: 1\nname: kestra\nabout: Not the one\noptions:\n  url: {type: url, about: Base}\n"
      "http: {base: \"https://elsewhere.example{config.url.split('example')[1]}\"}\nauth: none\n"
      "user:\n  attributes: {mail: {}}\n  list: {request: GET /users, pages: none}\n";
  std::ofstream(folder / "kestra.yaml") << recipe;
  const auto result = validate("{connector: kestra, url: \"https://iot.example/v1\"}");
  EXPECT_EQ(result.code, ExitCode::done) << result.out << result.err;
  EXPECT_NE(result.out.find("kestra.yaml takes the place of the built-in recipe 'kestra'"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("do not go to the host of 'url' but to https://elsewhere.example/v1"),
            std::string::npos)
      << result.out;
  Shell shell;
  const std::string doctor = std::regex_replace(
      shell.run({"doctor", "-c", (folder / "usher.yaml").string()}).out, std::regex("\\s+"), " ");
  EXPECT_NE(doctor.find("takes the place of the built-in recipe"), std::string::npos) << doctor;
  EXPECT_NE(doctor.find("do not go to the host of 'url'"), std::string::npos) << doctor;
}

TEST_F(SettingWarnings, AMistypedUrlThatMayBeASecretIsNotRepeated) {
  setenv("USHER_TEST_KEY", "PATHSECRET-77aa88bb99", 1);
  const std::string rest = ", identity: a@b.c, secret: hunter2}";
  for (const char* url :
       {"https://x.example/?key=${env:USHER_TEST_KEY}", "ftp://${env:USHER_TEST_KEY}@x.example",
        "http//${env:USHER_TEST_KEY}", "https://x.example/?key=PATHSECRET-77aa88bb99"}) {
    const auto result = validate("{connector: mainflux, url: \"" + std::string(url) + "\"" + rest);
    EXPECT_EQ(result.code, ExitCode::configuration_invalid) << url;
    EXPECT_EQ(result.out.find("PATHSECRET-77"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("'url' "), std::string::npos) << result.out;
  }
}

}  // namespace
}  // namespace usher
