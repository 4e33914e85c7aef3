#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/report/plan_views.hpp"

namespace usher {
namespace {

using testing::HasSubstr;
using testing::Not;

Plan plan_with(const std::string& label, std::size_t changes = 1) {
  Plan plan;
  plan.digest = "0123456789abcdef";
  for (std::size_t i = 0; i < changes; ++i) {
    Change change;
    change.platform = "iot";
    change.person = "E" + std::to_string(i);
    change.account = "7f";
    change.label = label;
    change.act = ChangeAct::update;
    change.because = "its record in hr changed";
    change.fields.push_back({"name", "Ada", "=cmd|'/c calc'!A1"});
    plan.changes.push_back(std::move(change));
  }
  return plan;
}

std::string html_of(const Plan& plan) {
  std::string text;
  write_plan_html(plan, ExitCode::changes_pending, {}, [&](std::string_view part) { text += part; });
  return text;
}

TEST(PlanHtml, NoValueEndsItsScriptAndNothingIsLoaded) {
  const std::string text = html_of(plan_with("</script><script>alert(1)</script>"));
  EXPECT_THAT(text, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(text, HasSubstr("\\u003c/script>"));
  EXPECT_THAT(text, HasSubstr("default-src 'none'"));
  EXPECT_THAT(text, Not(HasSubstr("%STYLE")));
  EXPECT_THAT(text, HasSubstr("@media print"));
  EXPECT_THAT(text, Not(HasSubstr("sha256-'")));
  EXPECT_THAT(text, Not(testing::ContainsRegex("(src|href)=\"")));
}

TEST(PlanCsv, CellsThatASpreadsheetWouldRunAreText) {
  std::string text;
  write_plan_csv(plan_with("@ada, \"the first\""), [&](std::string_view part) { text += part; });
  EXPECT_THAT(text, HasSubstr(",'=cmd|'/c calc'!A1,"));
  EXPECT_THAT(text, HasSubstr(",\"'@ada, \"\"the first\"\"\","));
}

TEST(PlanMarkdown, KeepsToItsLimitAndSaysWhatIsLeftOut) {
  const Plan plan = plan_with("a|b<img>", 2000);
  const std::string text = plan_markdown(plan, "", 5000);
  EXPECT_LE(text.size(), 5000U);
  EXPECT_THAT(text, HasSubstr("left out to fit"));
  EXPECT_THAT(text, HasSubstr("a\\|b\\<img\\>"));
}

}  // namespace
}  // namespace usher
