#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/report/report.hpp"
#include "engine/report/status_report.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/plans.hpp"
#include "state/store/snapshot_writer.hpp"
#include "state/store/status.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/shell.hpp"

namespace usher {
namespace {

constexpr const char* then = "2026-05-01T03:00:00.000Z";

/// A state with one platform, one plan and a run of it that was killed between two requests.
class StateOfCommands : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder);
    Database database(file, Access::write);
    plan.program = "0.1.0";
    plan.notes.push_back({"iot", "E1", "", NoteKind::ambiguous, "two accounts match"});
    plan.digest =
        Plans(database.connection()).put(then, [&](const auto& sink) { write_content(plan, sink); });

    Journal journal(database.connection());
    const auto pulled = journal.begin_run("pull", then);
    journal.end_run(pulled, 8, R"({"accounts":3})", "2026-05-01T03:00:02.000Z");
    const auto run = journal.begin_run("apply", then);
    const std::vector<JournalEntry> entries{entry(0, "create", "ada@example.com"),
                                            entry(1, "update", "grace\x1b[2J@example.com"),
                                            entry(2, "disable", "edsger@example.com")};
    journal.plan(run, plan.digest, entries);
    const std::vector<std::int64_t> sent{0, 1};
    journal.mark_sent(run, sent, then);
    const std::vector<OperationOutcome> ended{{0, OperationState::done, "7f-1", ""}};
    journal.mark_ended(run, ended, then);

    const PlatformId platform = database.platform("iot");
    SnapshotWriter writer(database, platform);
    writer.add({prepare({"7f-1", true, "{}", "{}"}, database.fingerprints())});
    writer.publish({.sealed = false,
                    .why_not = "page 3 was answered twice",
                    .started_at = then,
                    .ended_at = then,
                    .entitlements = {},
                    .self = "",
                    .source = ""});
    const std::vector<Link> links{
        {"E1", "7f-1", database.fingerprints().of_id("7f-1"), std::nullopt, LinkOrigin{}, then}};
    Links(database.connection()).put(platform, links);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  static JournalEntry entry(std::int64_t seq, const std::string& kind, const std::string& label) {
    JournalEntry result;
    result.seq = seq;
    result.operation = "op" + std::to_string(seq);
    result.platform = "iot";
    result.kind = kind;
    result.label = label;
    result.detail = "{}";
    return result;
  }
  Shell::Result usher(std::vector<std::string> words) const {
    words.insert(words.end(), {"--state", file.string()});
    return Shell{}.run(words);
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("usher-state-" + std::to_string(getpid()));
  const std::filesystem::path file = folder / "usher.db";
  Plan plan;
};

TEST_F(StateOfCommands, StatusShowsRunsLinksAndWhatIsOpen) {
  Database database(file, Access::read);
  Status status = read_status(database, 10, "2026-01-01T00:00:00Z");
  status.state = "usher.db";
  EXPECT_EQ(status.open.size(), 2U);
  expect_golden("status.txt", status_text(status, "2026-05-01T05:30:00.000Z", {}));
  expect_golden("status.json", printed(status_json(status, ExitCode::done)));
}

TEST_F(StateOfCommands, StatusCommandTakesTheNumberOfRuns) {
  const auto result = usher({"status", "--output", "json", "--runs=1"});
  EXPECT_EQ(result.code, ExitCode::done) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json.at("runs").size(), 1U);
  EXPECT_EQ(json.at("runs")[0].at("command"), "apply");
  EXPECT_EQ(json.at("runs")[0].at("ended-as"), nullptr);
  EXPECT_EQ(json.at("exit").at("code"), 0);
}

TEST_F(StateOfCommands, ShowsARun) {
  expect_golden("run.txt", usher({"show", "2"}).out);
  expect_golden("run.json", usher({"show", "2", "-o", "json"}).out);
  EXPECT_NE(usher({"show", "1"}).out.find("source-incomplete"), std::string::npos);
}

TEST_F(StateOfCommands, ShowsAKeptPlanByTheBeginningOfItsDigest) {
  const auto result = usher({"show", plan.digest.substr(0, 8), "--output=json"});
  EXPECT_EQ(result.code, ExitCode::done) << result.err;
  EXPECT_EQ(plan_from_json(result.out).digest, plan.digest);
}

TEST_F(StateOfCommands, SaysWhatItDoesNotHave) {
  EXPECT_EQ(usher({"show", "abc"}).code, ExitCode::failed);
  EXPECT_EQ(usher({"show", "abc"}).err, "usher: There is neither a plan file 'abc' nor a plan in " +
                                            file.string() + " whose digest begins so.\n");
  EXPECT_EQ(usher({"show", "friday.plan"}).err, "usher: There is no plan file 'friday.plan'.\n");
}

TEST_F(StateOfCommands, AMissingStateIsNotMade) {
  const auto missing = folder / "other.db";
  const auto result = Shell{}.run({"status", "--state=" + missing.string()});
  EXPECT_EQ(result.code, ExitCode::failed);
  EXPECT_NE(result.err.find(missing.string()), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST_F(StateOfCommands, AConfigurationWithMistakesIsSaidToBe) {
  const auto config = folder / "usher.yaml";
  std::ofstream(config) << "version: 1\npepole: {}\n";
  const auto result = Shell{}.run({"status", "--config=" + config.string()});
  EXPECT_EQ(result.code, ExitCode::configuration_invalid);
  EXPECT_NE(result.err.find("usher.yaml:2:1"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("people"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace usher
