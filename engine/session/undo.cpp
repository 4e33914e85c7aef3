#include "engine/session/undo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/plan/staying_out.hpp"
#include "engine/plan/undo_plan.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/implementation.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/holds.hpp"
#include "state/store/links.hpp"
#include "state/store/plans.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

using Accounts = std::set<std::pair<std::string, std::string>>;  // platform, account

Accounts not_put_back(const Plan& plan, const ApplyReport& report) {
  Accounts left;
  for (const Operation& operation : plan.operations)
    if (operation.held) left.emplace(operation.platform, operation.account);
  for (const OperationReport& trouble : report.troubles)
    left.emplace(trouble.operation.platform, trouble.operation.account);
  return left;
}

void end_links(Database& database, const Plan& plan, const Accounts& left) {
  Links links(database.connection());
  for (const NewLink& link : plan.unlinks) {
    if (left.contains({link.platform, link.account})) continue;
    const PlatformId platform = database.platform(link.platform);
    const auto held = links.of_person(platform, link.person);
    if (held && held->account == link.account) links.end(platform, link.person, parted_by_undo, now_text());
  }
  // An account that never should have been there is not one that vanished.
  for (const Operation& operation : plan.operations) {
    if (operation.kind == OperationKind::remove && !left.contains({operation.platform, operation.account}))
      links.undo_ends(database.platform(operation.platform),
                      database.fingerprints().of_id(operation.account));
  }
  database.forget_fact("desired");
}

/// The operations of a plan that are not done, by id.
std::set<std::string> not_done(const Plan& plan, const ApplyReport& report) {
  std::set<std::string> left;
  for (const Operation& operation : plan.operations)
    if (operation.held) left.insert(operation.id);
  for (const OperationReport& trouble : report.troubles) left.insert(trouble.operation.id);
  return left;
}

/// What the plan undoes of the accounts that it changes; left: operations of it that are not done, by id.
void hold_off(Database& database, const Plan& plan, std::int64_t run, const std::set<std::string>& left) {
  Accounts undone;
  for (const Change& change : plan.changes) undone.emplace(change.platform, change.account);
  std::vector<Operation> done = done_in(database, plan.undoes), undoing, not_undone;
  for (const Operation& operation : plan.operations)
    (left.contains(operation.id) ? not_undone : undoing).push_back(operation);
  std::erase_if(done, [&](const Operation& operation) {
    return !undone.contains({operation.platform, operation.account}) ||
           std::ranges::any_of(not_undone, [&](const Operation& one) { return reverses(one, operation); });
  });
  std::vector<Hold> holds;
  for (const std::string& part : parts_undone(done, undoing))
    holds.push_back({part, now_text(), plan.hold_until, run, fmt::format("run {}", plan.undoes)});
  Holds(database.connection()).put(holds);
}

/// The run that this one undid; 0: none, or its plan is not remembered.
std::int64_t run_that_it_undid(Database& database, std::int64_t run) {
  const auto known = Journal(database.connection()).run(run);
  const auto stored = known ? Plans(database.connection()).load(known->plan) : std::nullopt;
  return stored ? plan_from_json(stored->content, stored->digest).undoes : 0;
}

/// What the run that is undone held off is wanted again where all of the account is put back.
void end_holds(Database& database, const Plan& plan, const Accounts& left) {
  Accounts changed;
  for (const Change& change : plan.changes) changed.emplace(change.platform, change.account);
  const auto stays = [&](const Operation& operation) {
    const std::pair account(operation.platform, operation.account);
    return left.contains(account) || leaves(plan, operation.platform, operation.account) ||
           (!plan.only.empty() && !changed.contains(account));
  };
  std::vector<Operation> undone = done_in(database, plan.undoes);
  Holds holds(database.connection());
  if (std::ranges::none_of(undone, stays)) {
    holds.end(plan.undoes, now_text());
    return;
  }
  std::erase_if(undone, stays);
  Accounts put_back;
  for (const Operation& operation : undone) put_back.emplace(operation.platform, operation.account);
  std::vector<Operation> done = done_in(database, run_that_it_undid(database, plan.undoes));
  std::erase_if(done, [&](const Operation& operation) {
    return !put_back.contains({operation.platform, operation.account});
  });
  holds.end(plan.undoes, parts_undone(done, undone), now_text());
}

/// What the rules want of accounts whose values were put back is not as it was last found to be: where no
/// pull shows the values, nothing else would say so.
void unsettle(Database& database, const Plan& plan) {
  std::map<std::string, std::vector<Settled>> accounts;
  for (const Operation& operation : plan.operations)
    if (operation.kind == OperationKind::update && !operation.account.empty())
      accounts[operation.platform].push_back({database.fingerprints().of_id(operation.account), {}});
  for (const auto& [platform, settled] : accounts)
    Wanted(database.connection()).set_settled(database.platform(platform), settled);
}

}  // namespace

void expect_undoable(Database& database, std::int64_t number) {
  const std::optional<RunState> run = Journal(database.connection()).run(number);
  if (!run)
    throw CommandError(ExitCode::usage,
                       fmt::format("The state remembers no run {}; `usher runs` lists them.", number));
  if (run->command == "link" || run->command == "unlink" || run->command == "relink") {
    throw CommandError(ExitCode::usage,
                       fmt::format("Run {} changed no platform, only whose accounts are: `usher link` and "
                                   "`usher unlink` put that back.",
                                   number));
  }
}

void begin_undo(Database& database, const Plan& plan, std::int64_t run, std::int64_t earlier) {
  if (plan.hold_until.empty()) return;
  if (plan.hold_until <= now_text())
    throw CommandError(
        ExitCode::plan_stale,
        fmt::format("The plan is stale: {}, until when it would hold off, is past. Nothing was done.",
                    plan.hold_until));
  Transaction transaction(database.connection());
  if (earlier != 0) Holds(database.connection()).end(earlier, now_text());
  hold_off(database, plan, run, {});
  transaction.commit();
}

void conclude_undo(Database& database, const Plan& plan, const ApplyReport& report) {
  const Accounts left = not_put_back(plan, report);
  Transaction transaction(database.connection());
  end_links(database, plan, left);
  end_holds(database, plan, left);
  unsettle(database, plan);
  if (!plan.hold_until.empty() && !left.empty()) {
    Holds(database.connection()).end(report.run, now_text());
    hold_off(database, plan, report.run, not_done(plan, report));
  }
  transaction.commit();
}

Plan Session::undo(std::int64_t number, const std::vector<std::string>& only, const std::string& hold_until) {
  Implementation& self = *implementation_;
  expect_undoable(self.database, number);
  const Plan usual = plan();
  const PlanningInput input = self.input();
  Plan plan = plan_undo(self.database, input, number, usual, !hold_until.empty());
  if (plan.unlinks.empty() && done_in(self.database, number).empty())
    throw CommandError(
        ExitCode::usage,
        fmt::format("Run {} changed nothing on a platform that is remembered: there is nothing "
                    "to undo. `usher runs` lists what each run did.",
                    number));
  plan.hold_until = hold_until;
  give_nothing(plan, self.database, input);
  RunRecord run = self.begin("plan");
  run.during([&] { self.keep(plan, input, run, only); });
  return plan;
}

}  // namespace usher
