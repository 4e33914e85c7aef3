#include "engine/report/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/report/migration_report.hpp"
#include "engine/session/session.hpp"
#include "state/model/plan_json.hpp"
#include "tests/support/golden.hpp"

namespace usher {
namespace {

Operation operation(OperationKind kind, const std::string& platform, std::size_t change, bool held = false) {
  Operation result;
  result.id = std::string(to_string(kind)) + "-" + std::to_string(change);
  result.kind = kind;
  result.platform = platform;
  result.change = change;
  result.held = held;
  return result;
}

PullReport pulled(const std::string& platform, bool read, bool published, bool sealed) {
  PullReport report;
  report.platform = platform;
  report.read = read;
  report.published = published;
  report.sealed = sealed;
  return report;
}

/// One of everything a plan can hold.
Plan full_plan() {
  Plan plan;
  plan.program = "0.1.0";
  plan.rules = "r1";
  plan.now = "2024-05-01T03:00:00Z";
  plan.seals = {{"crm", 7, false, "page 3 was answered twice", 310, "2024-05-01T02:59:00Z"},
                {"hr", 3, true, "", 1000, "2024-05-01T02:58:59Z"},
                {"iot", 4, true, "", 98012, "2024-05-01T02:59:10Z"}};
  plan.changes.push_back({"iot",
                          "E1",
                          "",
                          "zoë.o'neil@example.com",
                          Situation::missing,
                          ChangeAct::create,
                          "is a person of hr and has no account yet",
                          {{"name", nullptr, "Zoë O'Neil"}, {"tags", nullptr, {"engineering"}}},
                          {{"group",
                            "g1",
                            "engineers",
                            MembershipChange::Act::add,
                            {},
                            {"list", "read"},
                            "person.department == \"engineering\""}}});
  plan.changes.push_back(
      {"iot",
       "E2",
       "7f-22",
       "ada@example.com",
       Situation::matched,
       ChangeAct::update,
       "record.first changed from \"Ada\" to \"Augusta Ada\" in hr",
       {{"name", "Ada Lovelace", "Augusta Ada Lovelace", "person.name (usher.yaml:24:13)"},
        {"metadata.room", "12", nullptr}},
       {{"group",
         "g1",
         "engineers",
         MembershipChange::Act::change,
         {"list", "read"},
         {"list", "read", "write"},
         "actions of the rule"},
        {"group", "g9", "", MembershipChange::Act::remove, {"read"}, {}, "no rule gives it"}}});
  plan.changes.push_back({"iot",
                          "E3",
                          "7f-33",
                          "grace@example.com",
                          Situation::matched,
                          ChangeAct::disable,
                          "left on 2024-04-30",
                          {},
                          {}});
  plan.changes.push_back({"iot",
                          "",
                          "7f-44",
                          "evil\x1b[2J\u202e@example.com\n",
                          Situation::orphan,
                          ChangeAct::remove,
                          "has nobody it belongs to",
                          {},
                          {}});
  plan.operations = {operation(OperationKind::create, "iot", 0),
                     operation(OperationKind::update, "iot", 1),
                     operation(OperationKind::add_membership, "iot", 0),
                     operation(OperationKind::change_membership, "iot", 1),
                     operation(OperationKind::remove_membership, "iot", 1),
                     operation(OperationKind::disable, "iot", 2, true),
                     operation(OperationKind::remove, "iot", 3)};
  plan.links = {{"iot", "E2", "7f-22", {LinkOrigin::Kind::matched, "credentials.identity"}}};
  plan.objections = {{"iot", GuardKind::disable, 1, 0, 98012,
                      "guard disable: 1 of 98012 linked accounts, 0 are allowed. If it is meant, allow it: "
                      "accounts.iot.guards.disable"}};
  plan.notes = {
      {"crm", "", "", NoteKind::no_seal,
       "nobody is created, disabled or deleted here until a pull is complete"},
      {"iot", "E9", "", NoteKind::ambiguous, "two accounts match: 7f-55, 7f-66; link one of them by hand"}};
  plan.situations = {{"iot", {{"matched", 2}, {"missing", 1}, {"orphan", 1}}}};
  plan.costs = {{"iot", {3412, 5, 5}}};
  plan.digest = digest_of(plan);
  return plan;
}

Plan long_plan() {
  Plan plan;
  plan.now = "2024-05-01T03:00:00Z";
  plan.seals = {{"iot", 4, true, "", 100, "2024-05-01T02:59:10Z"}};
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string number = std::to_string(i);
    plan.changes.push_back({"iot",
                            "E" + number,
                            "",
                            "e" + number,
                            Situation::missing,
                            i == 4 ? ChangeAct::lock : ChangeAct::create,
                            "it is so",
                            {},
                            {}});
    plan.operations.push_back(operation(i == 4 ? OperationKind::lock : OperationKind::create, "iot", i));
    plan.notes.push_back({"iot", "E" + number, "", NoteKind::rule_error, "department is not a text"});
  }
  plan.digest = digest_of(plan);
  return plan;
}

TEST(GoldenReport, Plan) {
  expect_golden("plan.txt", plan_text(full_plan(), {}));
  expect_golden("plan-colour.txt", plan_text(full_plan(), {.colour = true, .limit = 0, .more = ""}));
  const Plan plan = full_plan();
  const auto report = plan_json(plan, ExitCode::changes_pending);
  std::string text;
  write_printed(report, plan, [&](std::string_view piece) { text += piece; });
  expect_golden("plan.json", text);
  std::string nested;
  write_printed({{"report", "sync"}, {"plan", report}}, plan,
                [&](std::string_view piece) { nested += piece; });
  const nlohmann::ordered_json whole = {{"report", "sync"}, {"plan", nlohmann::ordered_json::parse(text)}};
  EXPECT_EQ(nested, printed(whole));
}

TEST(GoldenReport, PlanThatIsLong) {
  expect_golden("plan-long.txt",
                plan_text(long_plan(), {.colour = false, .limit = 2, .more = "usher show --all 0123"}));
}

TEST(GoldenReport, PlanWithoutAnything) {
  Plan plan;
  plan.now = "2024-05-01T03:00:00Z";
  plan.seals = {{"iot", 4, true, "", 100, "2024-05-01T02:59:10Z"}};
  plan.digest = digest_of(plan);
  expect_golden("plan-empty.txt", plan_text(plan, {}));
}

TEST(GoldenReport, Pull) {
  PullReport good = pulled("iot", true, true, true);
  good.generation = 4;
  good.accounts = 98012;
  good.added = 12;
  good.pages = 981;
  good.alone = 40;
  good.seconds = 12.25;
  PullReport same = pulled("hr", false, false, true);
  same.accounts = 1000;
  PullReport partial = pulled("crm", true, true, false);
  partial.why_not = "page 3 was answered twice";
  partial.bad = {{"GET /users?offset=100 item 3", "it has no id"}};
  partial.bad_count = 3;
  PullReport broken = pulled("erp", false, false, false);
  broken.failure.emplace();
  broken.failure->kind = FailureKind::refused;
  broken.failure->status = 401;
  broken.failure->message = "bad credentials";
  broken.failure->request = "POST /tokens";
  const std::vector reports{partial, broken, same, good};
  expect_golden("pull.txt", pull_text(reports, {}));
  expect_golden("pull.json", printed(pull_json(reports, ExitCode::credentials_refused)));
}

TEST(GoldenReport, Apply) {
  ApplyReport report;
  report.run = 17;
  report.plan = "0123456789abcdef0123456789abcdef";
  report.counts = {
      {"iot", {{OperationState::done, 12000}, {OperationState::failed, 1}, {OperationState::skipped, 1}}},
      {"crm", {{OperationState::done, 3}}}};
  Operation failed = operation(OperationKind::update, "iot", 0);
  failed.label = "ada@example.com";
  Operation skipped = operation(OperationKind::remove_membership, "iot", 1);
  skipped.label = "grace@example.com";
  report.troubles = {
      {failed, OperationState::failed, "PATCH /users/7f-22: 500 unavailable"},
      {skipped, OperationState::skipped, "the account is not what the plan saw: disabled since"}};
  report.seconds = 125;
  expect_golden("apply.txt", apply_text(report, full_plan(), {}));
  expect_golden("apply.json", printed(apply_json(report, full_plan(), ExitCode::done_in_part)));
  report.interrupted = true;
  expect_golden("apply-long.txt", apply_text(report, full_plan(),
                                             {.colour = false, .limit = 1, .more = "usher show --all 17"}));
}

/// One of everything a migration can say.
Migration full_migration() {
  Migration migration;
  migration.from = "iot";
  migration.to = "flows";
  migration.source.platform = "iot";
  migration.source.accounts = 1000;
  migration.source.active = 910;
  migration.source.self = "45adf42e";
  migration.source.self_label = "admin@example.com";
  migration.source.fields = {{"credentials.identity", 1000, 1000, 1000, 0, 31, 0, 0, false, {}},
                             {"name", 990, 812, 990, 0, 40, 0, 0, false, {}},
                             {"tags", 15, 3, 0, 15, 0, 0, 0, false, {}}};
  migration.source.entitlements = {{"group", "engineers", 230}, {"group", "night\033[31m", 4}};
  migration.source.same_names = {"group engineers"};
  migration.target.platform = "flows";
  migration.target.accounts = 2;
  migration.target.active = 2;
  migration.target.why_not = "page 2 was cut";
  migration.overlaps = {{"credentials.identity", "email", 2, 1, 997}, {"name", "firstName", 0, 0, 1000}};
  migration.match = {migration.overlaps[0]};
  migration.mapping = {
      {"email", "credentials.identity", "mail", "record.?credentials.?identity.orValue(\"\")", ""},
      {"firstName", "name", "first_name", "record.name", "the first word of the name: a guess"}};
  migration.groups = {{"group", "engineers", 230, "group"}, {"group", "night\033[31m", 4, ""}};
  migration.losses = {{"tags", 15, "flows has no attribute of this meaning"},
                      {"group night\033[31m", 4, "flows has none of this name"},
                      {"passwords, tokens and sessions", 0, "no platform hands them out"}};
  migration.rules = "people:\n  from: iot\n";
  return migration;
}

TEST(GoldenReport, Migration) {
  expect_golden("migration.txt", migration_text(full_migration(), {}));
  expect_golden("migration.json", printed(migration_json(full_migration())));
  Migration given = full_migration();
  given.proposed = false;
  given.losses.clear();
  const std::string text = migration_text(given, {});
  EXPECT_EQ(text.find("What becomes what"), std::string::npos) << "nothing was proposed";
}

TEST(GoldenReport, Parity) {
  Verification parity;
  parity.people = 1001;
  parity.inactive = 90;
  parity.unwanted = 1;
  parity.created = 905;
  parity.matched = 3;
  parity.others = 2;
  EXPECT_TRUE(parity.clean());
  expect_golden("parity-clean.txt", parity_text(full_migration(), parity, {}));
  parity.absent = {{"4711", "", "2 accounts have this value: email; nothing is done for this person here"},
                   {"4712", "zoe@example.com", "not created yet: is in iot and has no account on flows"}};
  Change change;
  change.platform = "flows";
  change.person = "4713";
  change.account = "u7";
  change.label = "ada@example.com";
  change.fields = {{"lastName", "Byron", "Lovelace"}};
  change.memberships = {{"group", "g1", "engineers", MembershipChange::Act::add, {}, {}, "a rule gives it"}};
  parity.different = {change};
  parity.notes = {{"flows", "4714", "u8", NoteKind::immutable,
                   "name is \"A\" and should be \"B\": this platform cannot change it"}};
  EXPECT_FALSE(parity.clean());
  expect_golden("parity.txt", parity_text(full_migration(), parity, {}));
  expect_golden("parity.json", printed(parity_json(parity)));
  expect_golden("parity-long.txt", parity_text(full_migration(), parity,
                                               {.colour = false, .limit = 1, .more = "usher migrate --all"}));
}

}  // namespace
}  // namespace usher
