// tests/unit/engine/decisions/NAME.yaml is a table: rules, and cases of one person and one account with the
// operations and notes that follow. Nothing is asked and no state is opened, so that a case costs
// microseconds.
//
//   platform, options      the connector of `iot` and its options beside the url
//   people, accounts       the rules, as a configuration has them
//   entitlements           {kind: {id: name}}
//   record                 the base of every case's record; a case's own members are laid over it
//   account                the base of every case's account: {active, attributes, groups: {kind: {id:
//   [details]}}} cases                  `case` (what it is about), `record` (null: nobody has it any more),
//   `account`
//                          (null: none), `remembered: {gone-days, locked, made-unusable, written}`, `self:
//                          true`, `unsealed`, `unsure` (why absence proves nothing), `offboard: true`;
//                          `follows` (operations in order), `notes` (kind and message), `error`

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/desired/desired_account_json.hpp"
#include "engine/plan/decision.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/model/json_text.hpp"
#include "tests/support/yaml_json.hpp"

namespace usher::test::decisions {
namespace {

using nlohmann::json;

constexpr std::int64_t day = 86'400;
constexpr std::int64_t now = 20'000 * day;
const std::filesystem::path folder = std::filesystem::path(USHER_SOURCE_DIR) / "tests/unit/engine/decisions";

/// The rules of a table, compiled against its platform, and everything a decision looks at beside the case.
class Table {
 public:
  explicit Table(const std::filesystem::path& file)
      : text_(json_of(YAML::LoadFile(file.string()))),
        workspace_(open(text_)),
        names_(entitlements(text_)),
        program_(workspace_.rules->accounts().at("iot")),
        people_(workspace_.rules->people(), cel::Moment{}),
        accounts_(program_, cel::Moment{}) {
    target_.name = "iot";
    target_.program = &program_;
  }

  const json& cases() const { return text_.at("cases"); }

  Decision decide(const json& one) {
    PlatformView view;
    view.target = &target_;
    view.names = &names_;
    view.now = now;
    view.unsealed = one.value("unsealed", "");
    view.unsure = one.value("unsure", "");
    if (one.value("self", false)) view.self = "u-1";
    const Standing standing = standing_of(one);
    const std::optional<Account> account = account_of(one);
    const DesiredAccountReader::Answer person = answer_of(one);
    if (!person.failure.message.empty()) throw std::runtime_error(person.failure.message);
    if (one.value("offboard", false)) return decide_offboarding(view, "E1", *account, standing, "said so");
    if (person.found && person.in_scope && person.active)
      return account ? decide_update(view, person, *account, standing, "as wanted")
                     : decide_create(view, person, "as wanted");
    if (!account) return decide_create_unusable(view, person, "not active");
    return decide_deprovision(view, "E1", *account, standing, "left");
  }

 private:
  static Workspace open(const json& table) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / fmt::format("usher-decisions-{}.yaml", ::getpid());
    json platform = table.value("options", json::object());
    platform["connector"] = table.at("platform");
    platform["url"] = "http://127.0.0.1:1";
    json people = table.at("people");
    people["from"] = "hr";
    const json platforms = {{"hr", {{"connector", "json"}, {"path", "people.json"}}}, {"iot", platform}};
    std::ofstream(file) << json{{"version", 1},
                                {"platforms", platforms},
                                {"people", people},
                                {"accounts", {{"iot", table.at("accounts")}}}}
                               .dump();
    CommonOptions options;
    options.config = file;
    auto opened = open_workspace(options, Secrets::skip);
    std::filesystem::remove(file);
    if (!opened) throw std::runtime_error(to_string(opened.error()));
    return std::move(*opened);
  }

  static EntitlementNames entitlements(const json& table) {
    std::vector<Entitlement> all;
    const json kinds = table.value("entitlements", json::object());
    for (const auto& [kind, names] : kinds.items())
      for (const auto& [id, name] : names.items()) all.push_back({kind, id, name, ""});
    return EntitlementNames(all);
  }

  static Standing standing_of(const json& one) {
    const json remembered = one.value("remembered", json::object());
    Standing standing;
    if (remembered.contains("gone-days"))
      standing.gone_since = now - remembered["gone-days"].get<int>() * day;
    standing.locked = remembered.value("locked", false);
    standing.made_unusable = remembered.value("made-unusable", false);
    const json written = remembered.value("written", json::object());
    for (const auto& [path, value] : written.items()) standing.written[path] = value;
    return standing;
  }

  /// The table's own, with what the case says laid over it; null where the case says null.
  json laid_over(const char* member, const json& one) const {
    if (one.contains(member) && one[member].is_null()) return nullptr;
    json base = text_.value(member, json::object());
    base.merge_patch(one.value(member, json::object()));
    return base;
  }

  std::optional<Account> account_of(const json& one) const {
    const json given = laid_over("account", one);
    if (given.is_null()) return std::nullopt;
    std::vector<Membership> edges;
    const json groups = given.value("groups", json::object());
    for (const auto& [kind, held] : groups.items())
      for (const auto& [id, details] : held.items()) edges.push_back({"u-1", kind, id, details});
    return Account{"u-1", given.value("active", true), given.value("attributes", json::object()).dump(),
                   canonical_memberships(edges)};
  }

  DesiredAccountReader::Answer answer_of(const json& one) {
    DesiredAccountReader::Answer answer;
    const json record = laid_over("record", one);
    if (record.is_null()) return answer;
    answer.found = true;
    record_ = record.dump();
    const auto person = people_.evaluate(record_);
    if (!person) return answer.failure = person.error().failure, answer;
    answer.id = std::string(person->id);
    answer.active = person->active;
    const auto scope = accounts_.in_scope(*person);
    if (!scope) return answer.failure = scope.error(), answer;
    answer.in_scope = *scope;
    const auto wanted = accounts_.wanted(*person);
    if (!wanted) return answer.failure = wanted.error(), answer;
    const auto content = desired_account_json(**wanted, program_);
    if (!content) return answer.failure = content.error(), answer;
    answer.content = *content;
    return answer;
  }

  const json text_;
  const Workspace workspace_;
  const EntitlementNames names_;
  const AccountProgram& program_;
  PeopleEvaluator people_;
  AccountEvaluator accounts_;
  Target target_;
  std::string record_;
};

/// "update name="Ada B" tags=["x"]", "add-membership g-engineers m_read", "create disabled …".
std::string line_of(const Operation& operation) {
  std::string line = to_string(operation.kind);
  if (operation.kind == OperationKind::create && !operation.active) line += " disabled";
  for (const auto& [path, value] : operation.after.items()) line += fmt::format(" {}={}", path, value.dump());
  const auto edge = [&](const Membership& membership) {
    if (membership.entitlement.empty()) return;
    line += " " + membership.entitlement;
    for (const std::string& detail : membership.details) line += " " + detail;
  };
  edge(operation.membership);
  for (const Membership& given : operation.gives) edge(given);
  if (operation.kind == OperationKind::revoke) line += " " + operation.route;
  return line;
}

/// What follows from one case, in the form in which the table writes it.
json told(Table& table, const json& one) {
  json result = json::object();
  try {
    const Decision decision = table.decide(one);
    for (const Operation& operation : decision.operations) result["follows"].push_back(line_of(operation));
    for (const Note& note : decision.notes)
      result["notes"].push_back(fmt::format("{}: {}", to_string(note.kind), note.message));
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    result["error"] = message.substr(message.find(": ", message.find(".yaml")) + 2);
  }
  return result;
}

std::vector<std::string> tables() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

class Decisions : public testing::TestWithParam<std::string> {};

TEST_P(Decisions, AreAsTheTableSays) {
  Table table(folder / (GetParam() + ".yaml"));
  ASSERT_FALSE(table.cases().empty());
  for (const json& one : table.cases()) {
    json expected = json::object();
    for (const char* member : {"follows", "notes", "error"})
      if (one.contains(member)) expected[member] = one[member];
    EXPECT_EQ(told(table, one).dump(1), expected.dump(1)) << GetParam() << ": " << one.at("case");
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Decisions, testing::ValuesIn(tables()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace usher::test::decisions
