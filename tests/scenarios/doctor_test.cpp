#include "engine/report/doctor_report.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/world.hpp"

// What a person is told who asks whether all is well.
namespace usher::test {
namespace {

using nlohmann::json;
using Level = Finding::Level;

class Doctor : public testing::Test {
 protected:
  std::vector<Finding> findings() {
    const auto setup = open_workspace(world.options(), Secrets::resolve);
    EXPECT_TRUE(setup);
    if (!std::filesystem::exists(world.folder() / "usher.db")) return examine(*setup, nullptr, {});
    Database state(world.folder() / "usher.db", Access::read, "test");
    return examine(*setup, &state, {});
  }

  /// The message of what was found of this; empty: nothing was.
  static std::string said(const std::vector<Finding>& findings, const std::string& about,
                          const std::string& what, Level level) {
    for (const Finding& finding : findings) {
      if (finding.about == about && finding.what == what && finding.level == level) return finding.message;
    }
    return {};
  }

  World world;
};

TEST_F(Doctor, FindsNothingWrongWhereAllIsWell) {
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.sync();
  world.pull();
  const auto found = findings();
  EXPECT_EQ(exit_code(found), ExitCode::done) << doctor_text(found, {});
  EXPECT_NE(said(found, "iot", "reachable", Level::good), "");
  EXPECT_NE(said(found, "iot", "identity", Level::good), "");
  EXPECT_NE(said(found, "hr", "reachable", Level::good), "");
  EXPECT_EQ(said(found, "iot", "permission", Level::good), "may change who is in group engineers");
  EXPECT_EQ(said(found, "state", "open", Level::good), "no operation is open");
  EXPECT_NE(said(found, "state", "file", Level::good), "");
  EXPECT_NE(said(found, "iot", "choice", Level::warning).find("thrown away"), std::string::npos);
  const json told = json::parse(doctor_json(found).dump());
  EXPECT_EQ(told["findings"].size(), found.size());
}

TEST_F(Doctor, SaysWhatIsNotThereYet) {
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  const auto found = findings();
  EXPECT_NE(said(found, "state", "file", Level::warning), "");
  EXPECT_EQ(exit_code(found), ExitCode::done);
}

TEST_F(Doctor, TellsAPlatformThatRefusesFromOneThatIsNotThere) {
  world.platform().set_faults({{{"path", "/users/tokens/issue"}, {"status", 401}}});
  EXPECT_EQ(exit_code(findings()), ExitCode::credentials_refused);
  world.platform().stop();
  const auto found = findings();
  EXPECT_EQ(exit_code(found), ExitCode::unreachable);
  EXPECT_NE(said(found, "iot", "reachable", Level::bad), "");
}

TEST_F(Doctor, SaysWhatTheEngineMayNotDo) {
  world.pull();
  world.platform().set_faults({{{"path", "/authorize"}, {"status", 403}}});
  const auto found = findings();
  EXPECT_EQ(exit_code(found), ExitCode::source_incomplete) << "nor is it known whether everybody is shown";
  EXPECT_NE(said(found, "iot", "permission", Level::bad).find("group engineers"), std::string::npos);
}

TEST_F(Doctor, SaysWhenAClockIsWrong) {
  world.platform().set_faults({{{"path", "/users/profile"},
                                {"status", 200},
                                {"headers", {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}}},
                                {"body", R"({"id":"somebody"})"}}});
  const auto found = findings();
  EXPECT_NE(said(found, "iot", "clock", Level::warning).find("behind ours"), std::string::npos)
      << doctor_text(found, {});
}

TEST_F(Doctor, SaysWhichFilesOthersCanRead) {
  world.rules(World::standard_rules() + "    credentials: {first: {file: first-secrets}}\n");
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.sync();
  world.pull();
  ASSERT_TRUE(std::filesystem::exists(world.folder() / "first-secrets"));
  EXPECT_EQ(exit_code(findings()), ExitCode::done) << doctor_text(findings(), {});
  std::filesystem::permissions(world.folder() / "first-secrets", std::filesystem::perms(0644));
  EXPECT_NE(said(findings(), "iot", "file", Level::bad).find("first-secrets holds secrets"),
            std::string::npos);
  std::filesystem::permissions(world.folder() / "usher.db", std::filesystem::perms(0640));
  EXPECT_NE(said(findings(), "state", "file", Level::bad).find("holds data of people"), std::string::npos);
}

TEST_F(Doctor, SaysWhichGroupsDoNotExist) {
  std::string rules = World::standard_rules();
  const std::string known = "group: engineers";
  ASSERT_NE(rules.find(known), std::string::npos);
  rules.replace(rules.find(known), known.size(), "group: enginers");
  world.rules(rules);
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.pull();
  const std::string said_of = said(findings(), "iot", "group", Level::bad);
  EXPECT_NE(said_of.find("enginers"), std::string::npos) << doctor_text(findings(), {});
  EXPECT_EQ(exit_code(findings()), ExitCode::failed);
}

TEST_F(Doctor, SaysWhatIsNotSealed) {
  world.people("E1,Ada,Lovelace,ada@example.com,engineering,active\n");
  world.sync();
  world.platform().set_faults({{{"path", "/users"}, {"swallow", 0}}});
  world.pull();
  EXPECT_NE(said(findings(), "iot", "snapshot", Level::warning).find("proves nothing"), std::string::npos);
}

}  // namespace
}  // namespace usher::test
