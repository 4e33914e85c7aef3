#include "engine/plan/undo_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "engine/plan/change_builder.hpp"
#include "engine/plan/orphan_judge.hpp"
#include "engine/plan/plan_order.hpp"
#include "engine/plan/written_values.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/former_entitlements.hpp"
#include "state/store/journal.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"
#include "state/store/people.hpp"
#include "state/store/plans.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

/// Undoes what a run did on one platform, an account at a time.
class PlatformUndo {
 public:
  PlatformUndo(Database& database, const PlanningInput& input, std::size_t target, std::int64_t run,
               bool is_held, std::set<std::string> recreated, const Plan& usual, Plan& plan)
      : database_(database),
        input_(input),
        index_(target),
        target_(input.targets[target]),
        number_(run),
        run_(fmt::format("run {}", run)),
        is_held_(is_held),
        recreated_(std::move(recreated)),
        usual_(usual),
        plan_(plan),
        names_(Snapshots(database.connection()).entitlements(target_.platform),
               former_entitlements(database.connection(), target_.platform)),
        view_{&target_,
              &names_,
              Snapshots(database.connection()).platform(target_.platform).self,
              "",
              "",
              "",
              input.now.seconds},
        people_(database.connection(), input) {}

  /// accounts: by id, what the run did to each.
  void undo(const std::map<std::string, std::vector<Operation>>& accounts) {
    judge_orphans(accounts);
    for (const auto& [id, done] : accounts) undo(id, done);
  }

 private:
  void undo(const std::string& id, const std::vector<Operation>& done) {
    const std::string person = holder_of(id, done);
    const auto stored = find(id);
    if (!stored) return add(plan_, of_gone_account(id, done));
    if (const std::string why = why_created_stays(id, done); !why.empty()) {
      plan_.notes.push_back({target_.name, person, id, NoteKind::changed_since, why});
      return;
    }
    Standing standing;
    standing.locked = is_locked(id);
    standing.written = written_.of(database_.connection(), id);
    ChangeBuilder builder(view_, person, &stored->account);
    builder.put_back(done, run_, standing.locked, standing.written);
    const Account after = builder.after_changes();
    Decision decision = builder.finish(Situation::matched, "undoes " + run_);
    if (decision.change) tell_what_comes_again(decision, person, done, after, standing);
    add(plan_, std::move(decision));
  }

  /// Whose the account is by now: the run may have changed it under a key that its person had before.
  std::string holder_of(const std::string& id, const std::vector<Operation>& done) const {
    const auto link =
        Links(database_.connection()).of_account(target_.platform, database_.fingerprints().of_id(id));
    return link ? link->person : done.front().person;
  }

  std::optional<StoredAccount> find(const std::string& id) const {
    return Snapshots(database_.connection()).find(target_.platform, database_.fingerprints().of_id(id));
  }

  bool is_locked(const std::string& id) const {
    return Lifecycle(database_.connection()).locked_since(target_.platform, id).has_value();
  }

  /// All at once: to judge one is as much work as to judge all.
  void judge_orphans(const std::map<std::string, std::vector<Operation>>& accounts) {
    std::vector<Account> left;  // as the undo leaves them
    for (const auto& [id, done] : accounts) {
      const auto stored = done.front().person.empty() ? find(id) : std::nullopt;
      if (!stored) continue;
      ChangeBuilder builder(view_, "", &stored->account);
      builder.put_back(done, run_, is_locked(id), written_.of(database_.connection(), id));
      left.push_back(builder.after_changes());
    }
    if (left.empty()) return;
    const std::vector<OrphanFate> fates =
        OrphanJudge(database_, input_, index_, view_, usual_).judge(left, false);
    for (std::size_t i = 0; i < left.size(); ++i) orphans_.emplace(left[i].id, fates[i]);
  }

  static bool did(const std::vector<Operation>& done, OperationKind kind) {
    return std::any_of(done.begin(), done.end(),
                       [kind](const Operation& operation) { return operation.kind == kind; });
  }

  Decision of_gone_account(const std::string& id, const std::vector<Operation>& done) const {
    Decision decision;
    const bool deleted = did(done, OperationKind::remove);
    if (did(done, OperationKind::create) && !deleted) return decision;  // it is gone already
    const std::string what = deleted ? fmt::format("{} deleted the account, which nothing brings back", run_)
                             : id.empty() ? fmt::format("{} did {} {}, which nothing brings back", run_,
                                                        to_string(done.front().kind), done.front().route)
                                          : "the account no longer exists";
    decision.notes.push_back({target_.name, done.front().person, id,
                              deleted || id.empty() ? NoteKind::irreversible : NoteKind::changed_since,
                              what});
    return decision;
  }

  /// Why an account that the run created is not deleted; empty: it did not create it, or nothing is against
  /// it.
  std::string why_created_stays(const std::string& id, const std::vector<Operation>& done) {
    if (!did(done, OperationKind::create)) return {};
    if (recreated_.contains(done.front().person))
      return run_ + " made this account in place of one that it deleted; it stays";
    for (const JournalEntry& later : Past(database_.connection()).operations_of_account(target_.name, id)) {
      if (later.run > number_ && later.state == OperationState::done)
        return fmt::format("{} created the account and run {} changed it; it stays", run_, later.run);
    }
    return {};
  }

  /// What the rules and sources would do to an account that is as the undo leaves it.
  Decision next(const std::string& person, const Decision& undo, const Account& after,
                const Standing& standing) {
    Wanted wanted(database_.connection());
    const Fingerprint key = database_.fingerprints().of_person(person);
    auto row = wanted.find(target_.platform, database_.fingerprints().of_id(after.id));
    if (!row) row = wanted.find(target_.platform, key);
    const auto known = People(database_.connection()).find(key);
    if (!row && person.empty()) return next_of_orphan(after);
    if (!row || row->state == WantedState::error) return {};
    const bool deleted = undo.change->act == ChangeAct::remove;
    if (row->state == WantedState::leaver)
      return deleted ? Decision() : decide_deprovision(view_, person, after, standing, "");
    if (!known) return {};
    const DesiredAccountReader::Answer answer = people_.read(known->record, index_);
    if (answer.content.empty()) return {};
    return deleted ? decide_create(view_, answer, "") : decide_update(view_, answer, after, standing, "");
  }

  /// What the rules would do to an account of nobody.
  Decision next_of_orphan(const Account& after) {
    const auto fate = orphans_.find(after.id);
    if (fate == orphans_.end() || fate->second.kind != OrphanFate::Kind::due) return {};
    return decide_orphan(view_, after, *fate->second.step, fate->second.why);
  }

  void tell_what_comes_again(Decision& undo, const std::string& person, const std::vector<Operation>& done,
                             const Account& after, const Standing& before) {
    Standing standing = before;
    for (const Operation& operation : undo.operations) {
      if (operation.kind == OperationKind::unlock) standing.locked = false;
      if (operation.kind == OperationKind::lock) standing.locked = true;
      if (operation.kind != OperationKind::update) continue;
      for (auto& [path, value] : standing.written)
        if (operation.after.contains(path)) value = operation.after.at(path);
    }
    const std::set<std::string> undone = parts_undone(done, undo.operations);
    std::set<std::string> again;
    for (const Operation& operation : next(person, undo, after, standing).operations) {
      if (operation.kind == OperationKind::update) {
        for (const auto& [path, value] : operation.after.items())
          if (undone.contains(part_of(operation, path))) again.insert(path);
      } else if (undone.contains(parts_of(operation).front())) {
        const Membership& membership = operation.membership;
        const bool taken = operation.kind == OperationKind::remove_membership;
        again.insert(membership.kind.empty()
                         ? to_string(operation.kind)
                         : membership.kind + " " + names_.name_of(membership.kind, membership.entitlement) +
                               (taken ? " taken" : ""));
      }
    }
    if (again.empty()) return;
    const std::string what = fmt::format("{}", fmt::join(again, ", "));
    undo.notes.push_back(
        {target_.name, person, after.id, NoteKind::comes_back,
         is_held_ ? fmt::format("the rules still want {}; it is held off", what)
                  : fmt::format("the next sync does it again: the rules still want {}; --hold-until keeps it "
                                "undone",
                                what)});
  }

  Database& database_;
  const PlanningInput& input_;
  const std::size_t index_;
  const Target& target_;
  const std::int64_t number_;
  const std::string run_;
  const bool is_held_;
  const std::set<std::string> recreated_;  // people whose account the run deleted
  const Plan& usual_;                      // what would be planned without the undo
  Plan& plan_;
  const EntitlementNames names_;
  const WrittenValues written_{target_};
  const PlatformView view_;
  DesiredAccountReader people_;
  std::map<std::string, OrphanFate> orphans_;  // of accounts of nobody, as the undo leaves them
};

/// The links that the run made and that are as it made them.
std::vector<NewLink> links_of(Database& database, const RunState& run) {
  std::vector<NewLink> made;
  const auto stored = Plans(database.connection()).load(run.plan);
  if (!stored) return made;
  for (NewLink& link : plan_from_json(stored->content, stored->digest).links) {
    const auto held = Links(database.connection()).of_person(database.platform(link.platform), link.person);
    if (held && held->account == link.account && held->since >= run.started_at)
      made.push_back(std::move(link));
  }
  return made;
}

bool is_target(const PlanningInput& input, const std::string& name) {
  return std::any_of(input.targets.begin(), input.targets.end(),
                     [&](const Target& target) { return target.name == name; });
}

/// What does the opposite; nullopt: nothing that rules would want.
std::optional<OperationKind> opposite(OperationKind kind) {
  switch (kind) {
    case OperationKind::disable:
      return OperationKind::enable;
    case OperationKind::lock:
      return OperationKind::unlock;
    case OperationKind::remove_membership:
      return OperationKind::add_membership;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::set<std::string> parts_undone(std::span<const Operation> done, std::span<const Operation> undoing) {
  std::set<std::string> parts;
  const auto add = [&](const Operation& operation) {
    for (std::string& part : parts_of(operation)) parts.insert(std::move(part));
  };
  for (const Operation& operation : done) add(operation);
  for (Operation operation : undoing) {
    const auto kind = opposite(operation.kind);
    if (!kind) continue;
    operation.kind = *kind;
    add(operation);
  }
  return parts;
}

bool reverses(const Operation& undoing, const Operation& done) {
  const bool same_part = undoing.platform == done.platform && undoing.account == done.account &&
                         undoing.membership.kind == done.membership.kind &&
                         undoing.membership.entitlement == done.membership.entitlement;
  if (!same_part) return false;
  if (undoing.kind != OperationKind::update || done.kind != OperationKind::update)
    return undoing.kind == done.kind || opposite(undoing.kind) == done.kind ||
           opposite(done.kind) == undoing.kind;
  const auto& paths = undoing.after.items();
  return std::any_of(paths.begin(), paths.end(),
                     [&](const auto& one) { return done.after.contains(one.key()); });
}

std::vector<Operation> done_in(Database& database, std::int64_t run) {
  std::vector<Operation> done;
  Journal(database.connection()).for_each_operation(run, [&](const JournalEntry& entry) {
    const bool happened = entry.state == OperationState::done || entry.state == OperationState::owed;
    if (!happened || entry.message.starts_with(was_so_already)) return;
    Operation operation = operation_from_json(nlohmann::json::parse(entry.detail));
    operation.account = operation.membership.account = entry.account;
    done.push_back(std::move(operation));
  });
  return done;
}

bool leaves(const Plan& undo, const std::string& platform, const std::string& account) {
  return std::any_of(undo.notes.begin(), undo.notes.end(), [&](const Note& note) {
    if (note.platform != platform) return false;
    const bool kept = note.kind == NoteKind::changed_since || note.kind == NoteKind::irreversible;
    return note.kind == NoteKind::not_read || (kept && note.account == account);
  });
}

Plan plan_undo(Database& database, const PlanningInput& input, std::int64_t run, const Plan& usual,
               bool is_held) {
  Plan plan;
  plan.undoes = run;
  plan.seals = usual.seals;
  std::map<std::string, std::map<std::string, std::vector<Operation>>> accounts;  // by platform and id
  for (Operation& operation : done_in(database, run))
    accounts[operation.platform][operation.account].push_back(std::move(operation));
  for (std::size_t i = 0; i < input.targets.size(); ++i) {
    const std::string& name = input.targets[i].name;
    const auto unread = std::find_if(usual.notes.begin(), usual.notes.end(), [&](const Note& one) {
      return one.platform == name && one.kind == NoteKind::not_read;
    });
    if (accounts[name].empty()) continue;
    if (unread != usual.notes.end()) {
      plan.notes.push_back(*unread);
      continue;
    }
    std::set<std::string> deleted;
    for (const auto& [account, done] : accounts[name]) {
      for (const Operation& operation : done)
        if (operation.kind == OperationKind::remove) deleted.insert(operation.person);
    }
    PlatformUndo undo(database, input, i, run, is_held, std::move(deleted), usual, plan);
    undo.undo(accounts[name]);
  }
  for (const auto& [name, done] : accounts) {
    if (done.empty() || is_target(input, name)) continue;
    for (const auto& [account, operations] : done)
      plan.notes.push_back(
          {name, operations.front().person, account, NoteKind::changed_since,
           fmt::format("{} is no longer in the rules: what run {} did there is left", name, run)});
  }
  plan.unlinks = links_of(database, *Journal(database.connection()).run(run));
  // Where something of the account is left it stays its person's: else the next plan looks for another one.
  std::erase_if(plan.unlinks, [&](const NewLink& link) { return leaves(plan, link.platform, link.account); });
  put_in_order(plan);
  return plan;
}

}  // namespace usher
