#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/cli/approval_signing.hpp"
#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/planning.hpp"
#include "engine/cli/signature_state.hpp"
#include "engine/cli/state.hpp"
#include "engine/cli/until.hpp"
#include "engine/plan/plan_filter.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/starter.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/run_record.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/approvals.hpp"
#include "state/store/plans.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t held_plans_searched = 20;  // the newest ones

const Objection* objection_of(const Plan& plan, const std::string& lane) {
  const auto found =
      std::ranges::find_if(plan.objections, [&](const Objection& one) { return is_of_lane(one, lane); });
  return found == plan.objections.end() ? nullptr : &*found;
}

[[noreturn]] void nothing_held(const std::string& lane, const std::set<std::string>& lanes) {
  throw CommandError(ExitCode::usage,
                     fmt::format("No guard held anything in the lane '{}' in the last plans{}", escaped(lane),
                                 lanes.empty() ? ", nor in any other."
                                               : fmt::format("; held are: {}.", fmt::join(lanes, ", "))));
}

/// The newest plan that holds the lane, unless a later one shows that nothing is held there any more.
Plan newest_that_holds(Database& database, const std::string& lane) {
  std::set<std::string> lanes;
  std::string later;  // digest of the newest plan about everybody
  Plans plans(database.connection());
  for (const std::string& digest : plans.newest(held_plans_searched)) {
    Plan plan = plan_from_json(plans.load(digest)->content, digest);
    if (objection_of(plan, lane) != nullptr) {
      if (later.empty()) return plan;
      throw CommandError(
          ExitCode::usage,
          fmt::format("Nothing is held in the lane '{}' any more, says the plan {}. What the plan {} held "
                      "there is approved with --plan {}.",
                      escaped(lane), later.substr(0, 12), digest.substr(0, 12), digest.substr(0, 12)));
    }
    if (later.empty())
      for (const Objection& one : plan.objections) lanes.insert(lane_of(one));
    if (later.empty() && is_of_everybody(plan)) later = digest;
  }
  nothing_held(lane, lanes);
}

Plan plan_that_holds(const Call& call, Database& database, const std::string& lane) {
  const auto named = call.arguments.find("plan");
  if (!named) return newest_that_holds(database, lane);
  Plan plan = saved_plan(call, *named);
  if (objection_of(plan, lane) != nullptr) return plan;
  throw CommandError(ExitCode::usage, fmt::format("The plan {} holds nothing in the lane '{}'.",
                                                  plan.digest.substr(0, 12), escaped(lane)));
}

nlohmann::ordered_json approval_json(const Approval& each, const std::vector<ApprovedOperation>& operations,
                                     const SignatureState& signatures) {
  auto list = nlohmann::ordered_json::array();
  for (const ApprovedOperation& one : operations)
    list.push_back({{"operation", one.digest},
                    {"does", one.does},
                    {"done-at", one.done_at.empty() ? nlohmann::ordered_json(nullptr)
                                                    : nlohmann::ordered_json(one.done_at)}});
  nlohmann::ordered_json json{
      {"approval", each.id},
      {"lanes", each.lanes},
      {"plan", each.plan},
      {"given-at", each.given_at},
      {"until", each.until},
      {"actor", each.actor},
      {"reason", each.reason},
      {"revoked-at",
       each.revoked_at.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(each.revoked_at)},
      {"operations", list}};
  if (signatures.required > 0 || !signatures.signatures.empty()) json.update(to_json(signatures));
  return json;
}

ExitCode print_approvals(const Call& call, Database& database, const ApprovalRules& rules,
                         const std::vector<Approval>& approvals, const std::string& text) {
  if (!call.json()) {
    call.print(text);
    return ExitCode::done;
  }
  auto list = nlohmann::ordered_json::array();
  for (const Approval& each : approvals)
    list.push_back(approval_json(each, Approvals(database.connection()).operations_of(each.id),
                                 signature_state(database, rules, each, now_text())));
  call.print_json({{"report", "approve"}, {"exit", exit_json(ExitCode::done)}, {"approvals", list}});
  return ExitCode::done;
}

ExitCode list_approvals(const Call& call) {
  if (!call.arguments.operands().empty())
    throw CommandError(ExitCode::usage, fmt::format("--list shows all of them: '{}' is one word too many.",
                                                    escaped(call.arguments.operands().front())));
  const ApprovalRules rules = approval_rules(call);
  Database database = open_state(call);
  Approvals approvals(database.connection());
  const std::vector<Approval> all = approvals.all();
  const std::string now = now_text();
  Table table(std::vector<Table::Align>(7, Table::Align::left));
  std::vector<std::string> head{"approval", "state", "by", "lanes", "operations", "reason"};
  if (rules.required > 0) head.insert(head.begin() + 2, "signed");
  table.row(head);
  std::string each_text;
  for (const Approval& each : all) {
    std::vector<std::string> row{std::to_string(each.id),
                                 standing_text(each, now),
                                 escaped(each.actor),
                                 escaped(fmt::format("{}", fmt::join(each.lanes, ", "))),
                                 with_separators(each.operations),
                                 escaped(each.reason)};
    if (rules.required > 0)
      row.insert(row.begin() + 2, escaped(cell_text(signature_state(database, rules, each, now))));
    table.row(row);
    if (!call.arguments.flag("all")) continue;
    each_text += fmt::format("\nApproval {} admits:\n", each.id);
    for (const ApprovedOperation& one : approvals.operations_of(each.id))
      each_text += "  " + escaped(one.does) + "\n";
  }
  return print_approvals(call, database, rules, all,
                         all.empty() ? "Nothing is approved.\n" : table.text() + each_text);
}

std::int64_t approval_number(const std::string& text) {
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, id);
  return error == std::errc() && rest == end ? id : 0;
}

/// What is approved, signed or revoked is a run of its own: the chain of runs covers it.
ExitCode revoke(const Call& call) {
  if (call.arguments.operands().empty())
    throw CommandError(ExitCode::usage, "Which approval? --revoke takes their numbers; --list shows them.");
  const ApprovalRules rules = approval_rules(call);
  Database database = open_state(call, Access::write);
  Approvals approvals(database.connection());
  std::vector<Approval> revoked;
  std::string text;
  record_act(database, "approve", [&] {
    nlohmann::json ids = nlohmann::json::array();
    for (const std::string& name : call.arguments.operands()) {
      const std::int64_t id = approval_number(name);
      if (!approvals.revoke(id, now_text()))
        throw CommandError(
            ExitCode::usage,
            fmt::format("'{}' is no approval that could be revoked; see --list.", escaped(name)));
      revoked.push_back(*approvals.find(id));
      ids.push_back(id);
      text += fmt::format("Approval {} admits nothing any more.\n", id);
    }
    return nlohmann::json{{"revoked", ids}};
  });
  return print_approvals(call, database, rules, revoked, text);
}

/// What the record of the run says of an approval: all of it, what it admits as one digest.
nlohmann::json recorded(const Approval& approval, const std::vector<ApprovedOperation>& operations) {
  std::set<std::string> digests;
  for (const ApprovedOperation& each : operations) digests.insert(each.digest);
  return {{"approval", approval.id},
          {"lanes", approval.lanes},
          {"plan", approval.plan},
          {"given-at", approval.given_at},
          {"until", approval.until},
          {"operations", digests.size()},
          {"admits", digest_of_admitted(operations)}};
}

/// undone: the run that the plan undoes; 0: it undoes none.
std::string given_text(const Approval& approval, const std::string& lane, const SignatureState& signatures,
                       std::int64_t undone) {
  const std::string text = fmt::format("Approval {}: {} that plan {} holds in {}, until {}. ", approval.id,
                                       pluralised(approval.operations, "operation", "operations"),
                                       approval.plan.substr(0, 12), escaped(lane), approval.until);
  const std::string next = undone == 0
                               ? "The next sync carries out what of them is still wanted; what else is in "
                                 "the lane is judged without "
                                 "them.\n"
                               : fmt::format("`usher undo {}` carries them out; a sync does not.\n", undone);
  if (signatures.required == 0) return text + next;
  return text + "\n" + advice(signatures, approval) + (signatures.missing() == 0 ? next : "");
}

struct GivenApproval {
  Approval approval;
  std::int64_t undone = 0;  ///< the run that the plan undoes; 0: it undoes none
};

GivenApproval record_approval(const Call& call, const std::string& lane, const std::string& until,
                              const std::string& reason) {
  Database database = open_state(call, Access::write);
  const Plan plan = plan_that_holds(call, database, lane);
  const std::vector<ApprovedOperation> operations = held_in(plan, lane);
  if (operations.empty())
    throw CommandError(
        ExitCode::usage,
        fmt::format("The plan {} holds nothing in the lane '{}' that could be approved: it wants nothing "
                    "there, or an earlier version of usher made it.",
                    plan.digest.substr(0, 12), escaped(lane)));
  const Objection& objection = *objection_of(plan, lane);
  Approval approval{0, {lane_of(objection)}, plan.digest, now_text(), until, started_by().text(), reason};
  approval.lanes.insert(approval.lanes.end(), objection.also.begin(), objection.also.end());
  Approvals approvals(database.connection());
  record_act(database, "approve", [&] {
    approval.id = approvals.give(approval, operations);
    return recorded(approval, operations);
  });
  return {*approvals.find(approval.id), plan.undoes};
}

/// The approval stands, whatever becomes of its first signature: without it, it admits nothing.
void sign_given(const Call& call, const ApprovalRules& rules, std::int64_t id) {
  try {
    sign(call, rules, id);
  } catch (...) {
    log({.level = LogLevel::warning,
         .platform = {},
         .object = fmt::format("approval {}", id),
         .action = "approve",
         .message =
             fmt::format("it is given and not signed: `usher approve {} --sign-with KEY` signs it", id)});
    throw;
  }
}

ExitCode give(const Call& call, const std::string& lane) {
  const std::string reason = call.arguments.text("reason");
  if (reason.empty() || !call.arguments.find("until"))
    throw CommandError(ExitCode::usage, "Give --until TIME and --reason TEXT.");
  const std::string until = until_text("until", call.arguments.text("until"));
  const ApprovalRules rules = approval_rules(call);
  const bool is_signed = signs(call, rules);
  if (call.arguments.find("signature"))
    throw CommandError(
        ExitCode::usage,
        "What is to be signed is not known before the approval is given: leave --signature out, "
        "and bring it with the number that the approval gets.");
  const auto [approval, undone] = record_approval(call, lane, until, reason);
  if (is_signed) sign_given(call, rules, approval.id);
  Database database = open_state(call);
  return print_approvals(
      call, database, rules, {approval},
      given_text(approval, lane, signature_state(database, rules, approval, now_text()), undone));
}

ExitCode sign_approval(const Call& call, std::int64_t id) {
  const ApprovalRules rules = approval_rules(call);
  if (!signs(call, rules))
    throw CommandError(
        ExitCode::usage,
        fmt::format("What about approval {}? --sign-with, --statement and --signature sign it, "
                    "--revoke ends it.",
                    id));
  for (const char* option : {"until", "plan"})
    if (call.arguments.find(option))
      throw CommandError(ExitCode::usage,
                         fmt::format("Approval {} is given: --{} cannot change it.", id, option));
  sign(call, rules, id);
  Database database = open_state(call);
  const Approval approval = *Approvals(database.connection()).find(id);
  const std::string statement = ApprovalSigners(database, rules).statement(approval);
  return print_approvals(
      call, database, rules, {approval},
      statement + "\n" + advice(signature_state(database, rules, approval, now_text()), approval));
}

ExitCode run_approve(const Call& call) {
  const Arguments& given = call.arguments;
  if (given.flag("list") && given.flag("revoke"))
    throw CommandError(ExitCode::usage, "--list and --revoke exclude each other.");
  if (given.flag("list")) return list_approvals(call);
  if (given.flag("revoke")) return revoke(call);
  if (given.operands().empty())
    throw CommandError(ExitCode::usage,
                       "Which lane? `usher plan` names those that are held; --list shows what is approved.");
  if (given.operands().size() > 1)
    throw CommandError(ExitCode::usage,
                       fmt::format("'{}': one lane is approved at a time.", escaped(given.operands()[1])));
  const std::string& what = given.operands().front();
  if (const std::int64_t id = approval_number(what); id > 0) return sign_approval(call, id);
  return give(call, what);
}

constexpr std::array approve_options{
    Option{"plan", 0, "PLAN",
           "the reviewed plan, as a file or by its digest; else the last that holds the lane"},
    Option{"until", 0, "TIME", "when it ends: 2026-12-31, 2026-12-31T18:00:00Z, 12h, 7d"},
    reason_option,
    Option{"list", 'l', {}, "show current and past approvals; with --all each operation"},
    Option{"revoke", 0, {}, "end the approvals with these numbers"},
    sign_with_option,
    statement_option,
    signature_option,
    metrics_option,
};
constexpr std::array approve_operands{Operand{"LANE|APPROVAL", false, true}};

}  // namespace

const Command approve_command{
    .name = "approve",
    .summary = "approve exactly the operations that a guard holds",
    .examples =
        "  usher approve iot.removals --until 12h --reason \"site closed, CHG-811\"\n"
        "  usher approve iot.removals --plan bb84cd --until 2d --reason \"looked at each\"\n"
        "  usher approve --list\n"
        "  usher approve --revoke 3\n"
        "  usher approve 3 --sign-with ~/.ssh/id_ed25519     # where several must agree\n",
    .about =
        "A guard that trips holds a lane: PLATFORM.GUARD, or people.GUARD for the guards of people. "
        "`usher plan` names it. Approving the lane admits exactly the operations that the plan holds "
        "there. Each is identified by a digest: platform, account and its identifying values, attribute "
        "or membership, and the new value. The next plan carries out those that are still wanted, and "
        "names the approval. An operation that is no longer wanted is not done and does not affect the "
        "others. The guard then counts everything else in the lane without the approved operations.\n\n"
        "Without --plan the approval refers to the newest plan that holds the lane; if that plan was "
        "made with --only, it covers only what is in it. An approval ends by itself, and a plan that "
        "relies on an ended approval is refused; --revoke ends it earlier. Both are runs: `usher runs` "
        "lists them, `usher verify` covers them.\n\n"
        "If the configuration has `approvals`, an approval admits nothing until the required number of "
        "the people named there have signed it with their SSH keys. A signer reads the text to be signed "
        "with --statement, and signs here or elsewhere. Signatures are verified when they are given and "
        "each time that a plan is made or carried out.\n\n"
        "Ends with 0 when it is recorded, 1 when a signature does not count, 64 when nothing is held "
        "there.",
    .options = approve_options,
    .operands = approve_operands,
    .run = run_approve,
};

}  // namespace usher::cli
