#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/support/shell.hpp"

namespace usher {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string recipe = R"(recipe: 1
name: acme
about: Acme's people
options:
  url: {type: url, required: true, about: Base}
auth: none
user:
  key: mail
  attributes:
    mail: {required: true}
  list: {request: GET /people, pages: {by: page, parameter: page, proof: none}}
  create: {request: POST /people}
)";

class ConnectorCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder = fs::temp_directory_path() / ("usher-connector-" + std::to_string(getpid()));
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  Shell::Result usher(std::vector<std::string> words) const {
    words.insert(words.begin(), "connector");
    words.insert(words.end(), {"--config", (folder / "usher.yaml").string()});
    return Shell{}.run(words);
  }

  fs::path folder;
};

TEST_F(ConnectorCommand, ListsWhatIsBuiltInAndWhatLiesBesideTheConfiguration) {
  write("usher.yaml", "version: 1\nplatforms: {}\n");
  const std::string mine = write("acme.yaml", recipe);
  write("broken.yaml", "recipe: 1\nname: broken\n");
  write("else.yaml", "services: {}\n");
  const auto result = usher({"list", "--output", "json"});
  ASSERT_EQ(result.code, ExitCode::done) << result.err;
  const json listed = json::parse(result.out);
  std::map<std::string, std::string> origins;
  for (const json& one : listed.at("connectors")) origins[one.at("name")] = one.at("origin");
  EXPECT_EQ(origins.at("acme"), mine);
  EXPECT_EQ(origins.at("csv"), "built in");
  EXPECT_GE(origins.size(), 8U);
  EXPECT_EQ(listed.at("broken"), json::array({"broken"}));
  EXPECT_NE(usher({"list"}).out.find("usher connector lint broken"), std::string::npos);
}

TEST_F(ConnectorCommand, ShowsWhatItCanAndCannotDo) {
  write("acme.yaml", recipe);
  const auto result = usher({"show", "acme"});
  EXPECT_EQ(result.code, ExitCode::done) << result.err;
  for (const char* part :
       {"Acme's people", "url", "It cannot disable accounts", "without-disable: report", "mail"})
    EXPECT_NE(result.out.find(part), std::string::npos) << part << " is missing in\n" << result.out;
  EXPECT_EQ(usher({"show", "acme", "--recipe"}).out, recipe);
  const json shown = json::parse(usher({"show", "acme", "-o", "json"}).out);
  EXPECT_EQ(shown.at("attributes").at(0).at("path"), "mail");
  EXPECT_EQ(shown.at("options").at(0).at("required"), true);
  const std::string kestra = std::regex_replace(usher({"show", "kestra"}).out, std::regex("\\s+"), " ");
  for (const char* part :
       {"A lock takes the ways in and every group, tenant; it can be seen on the platform.",
        "Credential api-token: listed, revoked. Leavers lose it.",
        "Credential password: renewed with a secret that usher makes.",
        "Credential service-account-token (of a service account): listed"})
    EXPECT_NE(kestra.find(part), std::string::npos) << part << " is missing in\n" << kestra;
  const json kestra_json = json::parse(usher({"show", "kestra", "-o", "json"}).out);
  for (const json& one : kestra_json.at("credentials"))
    if (one.at("kind") == "password") {
      EXPECT_EQ(one.at("secret-from"), "usher");
    }
  EXPECT_EQ(usher({"show", "acne"}).err, "usher: No connector is called 'acne'; did you mean 'acme'?\n");
  EXPECT_EQ(usher({"show", "csv", "--recipe"}).code, ExitCode::failed);
}

TEST_F(ConnectorCommand, LintSaysEveryMistakeWithItsPlaceAndWarns) {
  const std::string good = write("acme.yaml", recipe);
  const auto warned = usher({"lint", good});
  EXPECT_EQ(warned.code, ExitCode::done) << warned.err;
  for (const char* part :
       {"acme.yaml:11:9: nothing proves that nobody slips", "there is no 'get'", "there is no 'find'",
        "there is no 'self'", "leavers can only be reported", "is in order, with 5 warnings"})
    EXPECT_NE(warned.out.find(part), std::string::npos) << part << " is missing in\n" << warned.out;
  std::string wrong = recipe;
  wrong.replace(wrong.find("pages:"), 6, "pagse:");
  wrong.replace(wrong.find("key: mail"), 9, "key: mailx");
  const auto result = usher({"lint", write("acme.yaml", wrong)});
  EXPECT_EQ(result.code, ExitCode::configuration_invalid);
  for (const char* part : {"acme.yaml:8:8: 'mailx' is no attribute; did you mean 'mail'?\n 8 |   key: mailx",
                           "unknown key 'pagse'", "3 mistakes."})
    EXPECT_NE(result.out.find(part), std::string::npos) << part << " is missing in\n" << result.out;
  EXPECT_EQ(usher({"lint", "nobody"}).code, ExitCode::failed);
  const json list = json::parse(usher({"list", "-o", "json"}).out);
  for (const json& one : list.at("connectors")) {
    if (!one.at("origin").get<std::string>().starts_with("built-in ")) continue;
    EXPECT_EQ(usher({"lint", one.at("name")}).code, ExitCode::done) << one;
  }
}

/// Writes that name nobody, bodies that leave out what they claim, a PUT that may replace.
const std::string careless = R"(recipe: 1
name: acme
about: Acme's people
options:
  url: {type: url, required: true, about: Base}
auth: none
user:
  key: mail
  active: {at: enabled, is: true}
  attributes:
    mail: {required: true}
    profile.first: {}
    profile.last: {}
  list: {request: GET /people, items: people, total: total, pages: none}
  get: {request: "GET /people/{account.id}"}
  find: {request: GET /people, query: {mail: "{key}"}, items: people}
  self: {request: GET /me}
  create: {request: POST /people, body: {mail: wanted.mail}, then: [{request: POST /activate}]}
  update:
    profile: {request: "PATCH /people/{account.id}", attributes: [profile.first, profile.last], body: {first: wanted.profile.first}}
    mail: {request: "PATCH /people/{account.id}", attributes: [mail]}
  enable: {request: "PUT /people/{account.id}", body: {enabled: "true"}}
  disable: {request: "PATCH /people/{account.id}", body: {enabled: "false"}}
  lock: [{request: DELETE /sessions}]
credentials:
  token:
    list: {request: "GET /people/{account.id}/tokens", items: tokens, pages: none}
    revoke: {request: DELETE /tokens}
)";

TEST_F(ConnectorCommand, LintAsksEveryCallThatWrites) {
  const auto result = usher({"lint", write("acme.yaml", careless)});
  EXPECT_EQ(result.code, ExitCode::done) << result.err << result.out;
  for (const char* part :
       {"which account it is to make whole", "which account it is to lock", "which account it is to revoke",
        "the call that creates takes 'profile.first', and its body does not hold it",
        "the route says that it changes 'profile.last', and its body does not hold it",
        "acme.yaml:22:11: a PUT often replaces the whole object"})
    EXPECT_NE(result.out.find(part), std::string::npos) << part << " is missing in\n" << result.out;
  EXPECT_EQ(result.out.find("it changes 'profile.first'"), std::string::npos) << result.out;
  const auto refused = usher(
      {"lint", write("acme.yaml", std::regex_replace(careless, std::regex("\\{key\\}\"\\}, items: people"),
                                                     "{key}\"}, items: \"{x}\""))});
  EXPECT_EQ(refused.code, ExitCode::configuration_invalid);
  EXPECT_NE(refused.out.find("'items' is a path in the reply"), std::string::npos) << refused.out;
}

TEST_F(ConnectorCommand, TestsAFile) {
  write("people.csv", "key,mail\nE1,a@x.example\nE2,b@x.example\n");
  write("usher.yaml",
        "version: 1\nplatforms:\n  hr: {connector: csv, path: people.csv}\n"
        "people: {from: hr, key: record.key, attributes: {mail: record.mail}}\naccounts: {}\n");
  const auto result = usher({"test", "hr"});
  EXPECT_EQ(result.code, ExitCode::done) << result.err << result.out;
  EXPECT_NE(result.out.find("reads to the end: 2 accounts"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(" 0 failed"), std::string::npos) << result.out;
  write("people.csv", "key,mail\nE1,a@x.example\nE1,b@x.example\n");
  EXPECT_EQ(usher({"test", "hr"}).code, ExitCode::failed);
  EXPECT_EQ(usher({"test", "nobody"}).code, ExitCode::usage);
  EXPECT_EQ(usher({"test", "hr", "--set", "mail"}).code, ExitCode::usage);
}

TEST_F(ConnectorCommand, KnowsItsWords) {
  EXPECT_EQ(usher({"lits"}).err,
            "usher: `usher connector` takes list, show, lint or test, not 'lits'; did you mean 'list'?\n");
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"show"}, {"list", "x"}, {"lint"}, {"test", "a", "b"}})
    EXPECT_EQ(usher(words).code, ExitCode::usage);
}

}  // namespace
}  // namespace usher
