#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "engine/report/report.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/offboarded.hpp"
#include "tests/support/plan_text.hpp"
#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

// Secrets are made, handed over and forgotten; tokens are listed and revoked; one person loses everything.
namespace usher::test {
namespace {

using nlohmann::json;

constexpr const char* both =
    "E1,Ada,Lovelace,ada@example.com,engineering,active\nE2,Grace,Hopper,grace@example.com,operations,"
    "active\n";
constexpr const char* one = "E2,Grace,Hopper,grace@example.com,operations,active\n";

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

class Credentials : public testing::Test {
 protected:
  void begin(const std::string& platform, const json& more = {}) {
    world_ = std::make_unique<World>(world_of(platform), platform);
    json rules = {{"accounts",
                   {{"leavers", {{"without-disable", platform == "gr4vy" ? "delete" : "lock"}}},
                    {"credentials", {{"first", {{"file", "handed.jsonl"}}}}}}}};
    if (platform == "mainflux") rules["accounts"].erase("leavers");
    if (!more.is_null()) rules.merge_patch(more);
    world_->rules(rules_over_standard(rules, platform));
    world_->people(both);
  }

  static json world_of(const std::string& platform) {
    if (platform == "kestra") {
      return {{"users", json::array()},
              {"groups", {{{"id", "g-engineers"}, {"name", "engineers"}}}},
              {"serviceAccounts", {{{"id", "backup"}, {"name", "backup"}, {"tenants", {{{"id", "main"}}}}}}}};
    }
    if (platform != "sigfox") return json::array();
    json world = {{"users", json::array()}, {"groups", {{{"id", "g-main"}, {"name", "main"}}}}};
    for (const char* name : {"guest", "devices", "usher"})
      world["profiles"].push_back({{"id", std::string("p-") + name}, {"name", name}, {"groupId", "g-main"}});
    return world;
  }

  void sync() { remember(world_->sync()); }

  void remember(const World::Sync& sync) {
    remember(sync.plan);
    remember(sync.plan, sync.report);
    EXPECT_EQ(sync.report.troubles.size(), 0u)
        << (sync.report.troubles.empty() ? std::string() : sync.report.troubles.front().message);
  }
  void remember(const Plan& plan) { said_ += plan_text(plan, {}) + content_of(plan); }
  void remember(const Plan& plan, const ApplyReport& report) {
    said_ += apply_text(report, plan, {}) + apply_json(report, plan, ExitCode::done).dump();
  }

  ApplyReport rotate(const std::string& key, const std::string& kind = "") {
    NoProgress progress;
    Session session(world_->options(), progress, {});
    const Plan plan = session.credential_plan({"iot", key, kind}, OperationKind::rotate, "");
    remember(plan);
    const ApplyReport report = session.apply(plan);
    remember(plan, report);
    return report;
  }

  /// Every secret handed over so far, with whose it is.
  std::vector<std::pair<std::string, std::string>> handed() const {
    std::vector<std::pair<std::string, std::string>> all;
    std::istringstream lines(content_of(world_->folder() / "handed.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      const json parsed = json::parse(line);
      all.emplace_back(parsed.at("label"), parsed.at("secret"));
    }
    return all;
  }

  void expect_that_nothing_holds_them() const {
    for (const auto& [label, secret] : handed()) {
      EXPECT_GE(secret.size(), 12u);
      EXPECT_EQ(said_.find(secret), std::string::npos) << "a report holds the secret of " << label;
      for (const auto& entry : std::filesystem::directory_iterator(world_->folder())) {
        if (entry.path().filename() == "handed.jsonl" || !entry.is_regular_file()) continue;
        EXPECT_EQ(content_of(entry.path()).find(secret), std::string::npos)
            << entry.path() << " holds the secret of " << label;
      }
    }
  }

  /// How Kestra answers somebody who logs in so.
  int status_for(const std::string& mail, const std::string& password) const {
    httplib::Client browser("127.0.0.1", world_->platform().port(world_->kind()));
    browser.set_basic_auth(mail, password);
    const auto answer = browser.Get("/api/v1/me");
    return answer ? answer->status : 0;
  }

  std::unique_ptr<World> world_;
  std::string said_;
};

TEST_F(Credentials, AreKeptInTheFileAsLongAsTheRulesSay) {
  begin("kestra", {{"accounts", {{"credentials", {{"first", {{"keep", "30d"}}}}}}}});
  std::ofstream(world_->folder() / "handed.jsonl")
      << R"({"at":"2020-01-01T00:00:00Z","label":"old","platform":"iot","secret":"old-secret-1"})"
      << "\n"
      << R"({"at":"2020-01-01T00:00:00Z","label":"elsewhere","platform":"crm","secret":"old-secret-2"})"
      << "\n";
  const auto labels = [&] {
    std::set<std::string> all;
    for (const auto& [label, secret] : handed()) all.insert(label);
    return all;
  };
  sync();
  EXPECT_FALSE(labels().contains("old"));
  EXPECT_TRUE(labels().contains("elsewhere"));
  EXPECT_EQ(labels().size(), 3u) << "the two new ones stay";
}

TEST_F(Credentials, OfAWholeLifeStandNowhereButInTheFile) {
  begin("kestra");
  sync();
  ASSERT_EQ(handed().size(), 2u);
  const auto lines = handed();  // whose account was made first is chance
  const auto of_ada =
      std::ranges::find(lines, "ada@example.com", [](const auto& line) { return line.first; });
  ASSERT_NE(of_ada, lines.end());
  const std::string first = of_ada->second;
  EXPECT_EQ(status_for("ada@example.com", first), 200);
  world_->people(one);
  sync();
  EXPECT_EQ(world_->account("ada@example.com")["auths"], json::array());
  EXPECT_EQ(status_for("ada@example.com", first), 401);
  ASSERT_EQ(handed().size(), 2u) << "a lock hands nothing over";
  world_->people(both);
  sync();
  ASSERT_EQ(handed().size(), 3u) << "who is unlocked gets a new secret";
  EXPECT_EQ(status_for("ada@example.com", handed().back().second), 200);
  EXPECT_TRUE(rotate("E1", "password").troubles.empty());
  ASSERT_EQ(handed().size(), 4u);
  EXPECT_EQ(status_for("ada@example.com", handed().back().second), 200);
  EXPECT_EQ(status_for("ada@example.com", handed()[2].second), 401);
  expect_that_nothing_holds_them();
  const auto mode = std::filesystem::status(world_->folder() / "handed.jsonl").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(Credentials, ThatThePlatformMakesAreHandedOverToo) {
  begin("sigfox");
  sync();
  ASSERT_EQ(handed().size(), 2u) << "asked for after the create";
  EXPECT_EQ(handed().front().second.size(), 64u);
  world_->people(one);
  sync();
  ASSERT_EQ(handed().size(), 2u) << "the one of a lock is forgotten";
  world_->people(both);
  sync();
  ASSERT_EQ(handed().size(), 3u);
  EXPECT_TRUE(rotate("E1").troubles.empty());
  ASSERT_EQ(handed().size(), 4u);
  expect_that_nothing_holds_them();
}

TEST_F(Credentials, AreSetThroughAResetTokenThatNobodySees) {
  begin("gr4vy");
  sync();
  EXPECT_TRUE(rotate("E1").troubles.empty());
  ASSERT_EQ(handed().size(), 1u);
  expect_that_nothing_holds_them();
  httplib::Client browser("127.0.0.1", world_->platform().port("gr4vy"));
  const json login = {{"email_address", "ada@example.com"}, {"password", handed().front().second}};
  const auto answer = browser.Post("/auth/sessions", login.dump(), "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

TEST_F(Credentials, MayBeAMailThatThePlatformSends) {
  begin("mainflux");
  sync();
  EXPECT_TRUE(rotate("E1").troubles.empty());
  EXPECT_EQ(world_->platform().requests("mainflux")["POST /password/reset-request"], 1);
  EXPECT_EQ(handed().size(), 2u) << "only the first secrets";
}

TEST_F(Credentials, OfTheEngineItselfAreRenewedOnlyByName) {
  begin("kestra");
  sync();
  const json login = world_->platform().login("kestra");
  EXPECT_THROW(rotate(login["identity"], "password"), CommandError);
  EXPECT_TRUE(rotate("", "own-password").troubles.empty());
  EXPECT_EQ(status_for(login["identity"], handed().back().second), 200);
  expect_that_nothing_holds_them();
}

TEST_F(Credentials, AreNotRenewedWhenNobodyWouldGetThem) {
  begin("kestra", {{"accounts", {{"credentials", nullptr}}}});
  sync();
  EXPECT_THROW(rotate("E1", "password"), CommandError);
  EXPECT_THROW(rotate("E1", "no-such-kind"), CommandError);
  EXPECT_THROW(rotate("E9", "password"), CommandError);
}

TEST_F(Credentials, OfServiceAccountsAreToldRenewedAndRevoked) {
  begin("kestra");
  sync();
  NoProgress progress;
  for (const char* kind : {"service-account-token", "tenant-service-account-token"}) {
    SCOPED_TRACE(kind);
    EXPECT_TRUE(rotate("backup", kind).troubles.empty());
    Session session(world_->options(), progress, {});
    const auto held = session.credentials({"iot", "backup", kind});
    ASSERT_EQ(held.credentials.size(), 1u);
    EXPECT_EQ(held.credentials.front().name, "usher");
    const Plan plan =
        session.credential_plan({"iot", "backup", kind}, OperationKind::revoke, held.credentials.front().id);
    EXPECT_TRUE(session.apply(plan).troubles.empty());
    EXPECT_TRUE(session.credentials({"iot", "backup", kind}).credentials.empty());
  }
  expect_that_nothing_holds_them();
}

TEST_F(Credentials, AreRevokedOneByOneOrAllOfAKind) {
  begin("kestra");
  sync();
  const std::string id = world_->account("ada@example.com")["id"];
  for (const char* name : {"laptop", "phone", "train"})
    world_->by_hand("POST", "/api/v1/users/" + id + "/api-tokens", {{"name", name}});
  NoProgress progress;
  Session session(world_->options(), progress, {});
  const auto held = session.credentials({"iot", "E1", "api-token"});
  ASSERT_EQ(held.credentials.size(), 3u);
  EXPECT_EQ(held.person, "E1");
  EXPECT_EQ(held.credentials[1].name, "phone");
  session.apply(
      session.credential_plan({"iot", "E1", "api-token"}, OperationKind::revoke, held.credentials[1].id));
  EXPECT_EQ(world_->account("ada@example.com")["tokens"], (json{"laptop", "train"}));
  session.apply(session.credential_plan({"iot", id, "api-token"}, OperationKind::revoke, ""));
  EXPECT_EQ(world_->account("ada@example.com")["tokens"], json::array());
}

TEST_F(Credentials, OfEverybodyAreToldAndRevokedWithoutTheEnginesOwn) {
  begin("kestra");
  sync();
  world_->platform().change("kestra", {{"insert", {{"id", "zoe"}, {"email", "zoe@example.com"}}}});
  world_->pull();
  const auto id_of = [&](const char* label) {
    const json users = world_->platform_world().at("users");
    const auto found =
        std::find_if(users.begin(), users.end(), [&](const json& user) { return user.at("email") == label; });
    return found->at("id").get<std::string>();
  };
  for (const auto& [whose, name] : {std::pair{"ada@example.com", "laptop"},
                                    {"ada@example.com", "phone"},
                                    {"zoe@example.com", "robot"},
                                    {"admin@example.com", "own"}})
    world_->by_hand("POST", "/api/v1/users/" + id_of(whose) + "/api-tokens", {{"name", name}});
  NoProgress progress;
  Session session(world_->options(), progress, {});
  const auto told = [&] {
    std::vector<std::string> lines;
    for (const HeldCredentials& held : session.all_credentials("iot", "api-token"))
      for (const Credential& token : held.credentials) lines.push_back(held.label + " " + token.name);
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  EXPECT_EQ(told(), (std::vector<std::string>{"ada@example.com laptop", "ada@example.com phone",
                                              "zoe@example.com robot"}));
  const Plan plan = session.revocation_plan("iot", "api-token");
  remember(plan);
  EXPECT_TRUE(plan.objections.empty());  // asked for
  EXPECT_EQ(plan.operations.size(), 2u);
  EXPECT_TRUE(session.apply(plan).troubles.empty());
  EXPECT_TRUE(told().empty());
  EXPECT_TRUE(session.revocation_plan("iot", "api-token").operations.empty());
  EXPECT_EQ(session.revocation_plan("iot", "session").operations.size(), 3u);  // nobody tells who has one
  EXPECT_THROW(session.revocation_plan("iot", ""), CommandError);              // which?
  EXPECT_THROW(session.revocation_plan("iot", "own-password"), CommandError);
  EXPECT_THROW(session.all_credentials("iot", "service-account-token"), CommandError);
}

TEST_F(Credentials, OfNewPeopleMayBeAnInvitation) {
  begin("mainflux", {{"accounts", {{"credentials", {{"first", "invite"}}}}}});
  sync();
  EXPECT_EQ(world_->platform().requests("mainflux")["POST /password/reset-request"], 2);
  EXPECT_TRUE(handed().empty());
  const Plan next = world_->plan();
  EXPECT_TRUE(next.changes.empty()) << content_of(next);
  expect_that_nothing_holds_them();
}

TEST_F(Credentials, CannotBeAnInvitationWhereNobodyIsMailed) {
  begin("kestra", {{"accounts", {{"credentials", {{"first", "invite"}}}}}});
  EXPECT_THROW(world_->plan(), CommandError);
}

TEST_F(Credentials, AndEverythingElseOfOnePersonIsTakenAtOnce) {
  begin("kestra");
  sync();
  const std::string id = world_->account("ada@example.com")["id"];
  world_->by_hand("POST", "/api/v1/users/" + id + "/api-tokens", {{"name", "laptop"}});
  NoProgress progress;
  {
    Session session(world_->options(), progress, {});
    session.pull({}, Refresh::all);
    EXPECT_THROW(session.offboarding("E9"), CommandError);
    const Plan plan = session.offboarding("E1");
    EXPECT_EQ(lines_of(plan),
              (std::vector<std::string>{"revoke ada@example.com api-token", "revoke ada@example.com session",
                                        "remove-membership ada@example.com g-engineers",
                                        "remove-membership ada@example.com main", "lock ada@example.com"}));
    EXPECT_EQ(notes_of(plan), (std::vector<std::string>{"comes-back E1"}));
    EXPECT_TRUE(session.apply(plan).troubles.empty());
  }
  const json after = world_->account("ada@example.com");
  for (const char* emptied : {"tokens", "groups", "tenants", "auths"})
    EXPECT_EQ(after[emptied], json::array()) << emptied;
  const World::Sync next = world_->sync();  // the source still has her
  EXPECT_EQ(lines_of(next.plan), (std::vector<std::string>{"unlock ada@example.com",
                                                           "add-membership ada@example.com g-engineers"}));
}

TEST_F(Credentials, OfSomebodyOffboardedAreOwedAsLongAsThePlatformRefuses) {
  begin("kestra");
  sync();
  const std::string id = world_->account("ada@example.com")["id"];
  world_->by_hand("POST", "/api/v1/users/" + id + "/api-tokens", {{"name", "laptop"}});
  world_->platform().set_faults(
      json::array({{{"method", "DELETE"}, {"pattern", "/api-tokens"}, {"status", 403}, {"every", 1}}}));
  {
    NoProgress progress;
    Session session(world_->options(), progress, {});
    session.pull({}, Refresh::all);
    EXPECT_FALSE(session.offboard(session.offboarding("E1"), "E1", "").troubles.empty());
  }
  EXPECT_EQ(world_->account("ada@example.com")["tokens"].size(), 1U);
  world_->platform().set_faults(json::array());
  const World::Sync next = world_->sync();  // the source still has her
  EXPECT_EQ(lines_of(next.plan), (std::vector<std::string>{"revoke ada@example.com api-token"}));
  EXPECT_EQ(world_->account("ada@example.com")["tokens"], json::array());
  EXPECT_TRUE(world_->sync().plan.operations.empty());
}

TEST_F(Credentials, AreGivenAnewToSomebodyWhoIsReadmitted) {
  begin("kestra");
  sync();
  {
    NoProgress progress;
    Session session(world_->options(), progress, {});
    session.pull({}, Refresh::all);
    EXPECT_TRUE(session.offboard(session.offboarding("E1"), "E1", "").troubles.empty());
  }
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(world_->sync().plan.operations.empty()) << "kept out";
  {
    Database database(world_->folder() / "usher.db", Access::write);
    EXPECT_TRUE(OffboardedPeople(database.connection()).end("E1", now_text()));
  }
  const std::vector<std::string> given = lines_of(world_->sync().plan);
  EXPECT_EQ(given.empty() ? "nothing" : given[0], "unlock ada@example.com");
}

TEST_F(Credentials, OffboardingDisablesWhereItCanAndSparesTheEngine) {
  begin("mainflux");
  world_->people(std::string(both) + "E3,Ada,Admin,admin@example.com,engineering,active\n");
  sync();
  NoProgress progress;
  Session session(world_->options(), progress, {});
  session.pull({}, Refresh::all);
  const Plan plan = session.offboarding("E1");
  EXPECT_EQ(lines_of(plan), (std::vector<std::string>{"remove-membership ada@example.com g-engineers",
                                                      "disable ada@example.com"}));
  EXPECT_TRUE(session.apply(plan).troubles.empty());
  EXPECT_EQ(world_->account("ada@example.com")["status"], "disabled");
  const Plan own = session.offboarding("E3");
  EXPECT_TRUE(own.operations.empty());
  EXPECT_EQ(notes_of(own), (std::vector<std::string>{"own-account E3"}));
}

}  // namespace
}  // namespace usher::test
