#include "engine/cli/plan_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/report/report.hpp"
#include "engine/runtime/exit_code.hpp"
#include "tests/support/plan_text.hpp"

namespace usher::cli {
namespace {

class PlanFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string error() {
    try {
      read_plan(file);
    } catch (const CommandError& caught) {
      return caught.what();
    }
    return "no error";
  }
  void write(const std::string& text) { std::ofstream(file) << text; }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("usher-plan-file-" + std::to_string(getpid()));
  const std::filesystem::path file = folder / "some.plan";
};

Plan some_plan() {
  Plan plan;
  plan.program = "0.1.0";
  plan.notes.push_back({"iot", "E1", "a1", NoteKind::ambiguous, "two of them"});
  plan.digest = digest_of(plan);
  return plan;
}

TEST_F(PlanFile, ComesBackAsItWas) {
  write_plan(file, some_plan());
  EXPECT_EQ(read_plan(file).digest, some_plan().digest);
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(PlanFile, AJsonReportIsOneToo) {
  std::ofstream stream(file);
  const Plan plan = some_plan();
  write_printed(plan_json(plan, ExitCode::changes_pending), plan,
                [&](std::string_view piece) { stream << piece; });
  stream.close();
  EXPECT_EQ(read_plan(file).digest, some_plan().digest);
}

TEST_F(PlanFile, LeavesNothingBehindWhereItCannotWrite) {
  std::filesystem::create_directory(file);
  EXPECT_THROW(write_plan(file, some_plan()), CommandError);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(PlanFile, SaysWhatIsWrong) {
  const std::string name = "The plan file '" + file.string() + "' ";
  EXPECT_EQ(error(), name + "cannot be read: No such file or directory.");
  write("{");
  EXPECT_EQ(error(), name + "is not JSON.");
  write("[]");
  EXPECT_EQ(error().rfind(name + "is not a plan: ", 0), 0U);
  auto json = json_of(some_plan());
  json["rules"] = "of another configuration";
  write(json.dump());
  EXPECT_EQ(error(), name + "was altered: its digest does not agree with its content.");
}

}  // namespace
}  // namespace usher::cli
