#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/report/impact_report.hpp"
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
  write_plan_html(plan, ExitCode::changes_pending, {}, nullptr, [&](std::string_view part) { text += part; });
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

TEST(PlanHtml, WhatManyChangesShareIsWrittenOnce) {
  const std::string one = html_of(plan_with("ada")), many = html_of(plan_with("ada", 1001));
  EXPECT_LT(many.size() - one.size(), 1000U * 100U);
  ASSERT_THAT(many, HasSubstr("its record in hr changed"));
  EXPECT_THAT(many.substr(many.find("its record in hr changed") + 1),
              Not(HasSubstr("its record in hr changed")));
  EXPECT_THAT(many, HasSubstr(R"("E1000","7f","ada")"));
}

TEST(PlanHtml, SaysHowFarGuardsAreUsedWhereThePlanKnowsIt) {
  Plan plan = plan_with("ada");
  EXPECT_THAT(html_of(plan), HasSubstr(R"("guards":null)"));
  const std::string digest = digest_of(plan);
  plan.guards = {{"iot", GuardKind::removals, 9, 10, 100}};
  EXPECT_THAT(html_of(plan), HasSubstr(R"("guards":[{"allowed":10,"guard":"removals","platform":"iot",)"
                                       R"("population":100,"used":9}])"));
  EXPECT_EQ(digest_of(plan), digest) << "it is no part of the plan";
}

TEST(PlanCsv, CellsThatASpreadsheetWouldRunAreText) {
  std::string text;
  write_plan_csv(plan_with("@ada, \"the first\""), nullptr, [&](std::string_view part) { text += part; });
  EXPECT_THAT(text, HasSubstr(",'=cmd|'/c calc'!A1,"));
  EXPECT_THAT(text, HasSubstr(",\"'@ada, \"\"the first\"\"\","));
}

TEST(PlanMarkdown, KeepsToItsLimitAndSaysWhatIsLeftOut) {
  const Plan plan = plan_with("a|b<img>", 2000);
  const std::string text = plan_markdown(plan, nullptr, 5000);
  EXPECT_LE(text.size(), 5000U);
  EXPECT_THAT(text, HasSubstr("left out to fit"));
  EXPECT_THAT(text, HasSubstr("a\\|b\\<img\\>"));
}

TEST(PlanMarkdown, SaysHowManyCausesAreLeftOut) {
  Plan plan = plan_with("ada", 3);
  for (int i = 0; i < 500; ++i)
    plan.notes.push_back({"iot", "E1", "", NoteKind::rule_error, "no such field: f" + std::to_string(i)});
  const std::string text = plan_markdown(plan, nullptr, 5000);
  EXPECT_LE(text.size(), 5000U);
  EXPECT_THAT(text, testing::ContainsRegex("\\* 4[0-9][0-9] causes of what needs attention left out to fit"));
  EXPECT_THAT(text, HasSubstr("3 changes are left out to fit"));
}

TEST(PlanViews, SayWhatBecameOfEachChange) {
  Plan plan = plan_with("ada", 3);
  for (std::size_t i = 0; i < 3; ++i) {
    Operation operation;
    operation.id = "op" + std::to_string(i);
    operation.platform = "iot";
    operation.change = i;
    operation.held = i == 2;
    plan.operations.push_back(operation);
  }
  PlanOutcome outcome{
      57, "Run 57 carried it out: 1 done, 1 failed.", {{"op1", {OperationState::failed, "409 </script>"}}}};
  std::string csv;
  write_plan_csv(plan, &outcome, [&](std::string_view part) { csv += part; });
  EXPECT_THAT(csv, HasSubstr(",rule,cannot_be_undone,outcome\r\n"));
  EXPECT_THAT(csv, HasSubstr(",done\r\n"));
  EXPECT_THAT(csv, HasSubstr(",failed: 409 </script>\r\n"));
  EXPECT_THAT(csv, HasSubstr(",held\r\n"));
  const std::string markdown = plan_markdown(plan, &outcome);
  EXPECT_THAT(markdown, HasSubstr(outcome.sentence));
  EXPECT_THAT(markdown, HasSubstr("| update \\(failed: 409 \\</script\\>\\) | iot |"));
  std::string html;
  write_plan_html(plan, ExitCode::lane_held, {}, &outcome, [&](std::string_view part) { html += part; });
  EXPECT_THAT(html, HasSubstr(R"([["failed","409 \u003c/script>"]])"));
}

TEST(PlanViews, SayWhatNoUndoBringsBack) {
  Plan plan = plan_with("ada", 2);
  Operation operation;
  operation.id = "op";
  operation.platform = "iot";
  operation.kind = OperationKind::remove;
  operation.reversal = Reversal::irreversible;
  plan.operations.push_back(operation);
  std::string csv;
  write_plan_csv(plan, nullptr, [&](std::string_view part) { csv += part; });
  EXPECT_THAT(csv, HasSubstr(",rule,cannot_be_undone\r\n"));
  EXPECT_THAT(csv, HasSubstr(",delete\r\n"));
  EXPECT_THAT(plan_markdown(plan, nullptr),
              HasSubstr("its record in hr changed; **cannot be undone:** delete |"));
  EXPECT_THAT(html_of(plan), HasSubstr(R"(,[],"delete"])"));
}

TEST(ImpactMarkdown, NoRuleEndsItsText) {
  Impact impact;
  impact.items = 1;
  impact.causes.push_back({{}, {}, "`</summary>` | <img>", {{"iot", "lose group a", true, {{}}}}});
  EXPECT_THAT(impact_markdown(impact, "edited.yaml"),
              HasSubstr("Follows from \\`\\</summary\\>\\` \\| \\<img\\>"));
}

}  // namespace
}  // namespace usher
