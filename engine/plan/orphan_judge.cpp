#include "engine/plan/orphan_judge.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/desired/account_variable.hpp"
#include "engine/desired/named_accounts.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/store/journal.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"

namespace usher {

namespace {

constexpr std::int64_t seconds_a_day = 86'400;

std::string day_text(std::int64_t seconds) {
  return date::format("%F", date::sys_seconds(std::chrono::seconds(seconds)));
}

OrphanFate staying(std::string why) {
  return {OrphanFate::Kind::stays, std::move(why)};
}

std::string failing_text(std::size_t people, const std::string& first) {
  return fmt::format("rules fail for {}, and one of these may be theirs; the first: {}",
                     people == 1 ? "somebody" : fmt::format("{} people", people), first);
}

}  // namespace

OrphanJudge::OrphanJudge(Database& database, const PlanningInput& input, std::size_t target,
                         const PlatformView& view, const Plan& plan)
    : database_(database),
      input_(input),
      index_(target),
      view_(view),
      rules_(view.rules().orphans),
      watch_(database, view.target->platform, view.target->name),
      exception_(*view.target->program),
      why_none_(rules_.take() ? find_why_none(plan) : "orphans: report") {}

std::string OrphanJudge::find_why_none(const Plan& plan) {
  for (const std::string* doubt : {&view_.unseen, &view_.unsealed, &view_.unsure, &view_.target->clock_doubt})
    if (!doubt->empty()) return *doubt;
  if (view_.self.empty() && !rules_.except.given())
    return fmt::format(
        "it is not known which account usher works as on {}; orphans.except has to name it, or to be false",
        view_.target->name);
  if (Links(database_.connection()).count(view_.target->platform) == 0)
    return "nobody is linked to any account there, which match rules that are wrong look like";
  std::set<std::string> failing;
  for (const Note& note : plan.notes) {
    const bool here = note.platform == view_.target->name || note.platform.empty();
    const bool of_somebody = note.kind == NoteKind::rule_error && !note.person.empty();  // else of an orphan
    if (here && of_somebody) failing.insert(note.person);
  }
  if (!failing.empty()) return failing_text(failing.size(), *failing.begin());
  for (const JournalEntry& open :
       Journal(database_.connection()).uncertain_before(std::numeric_limits<std::int64_t>::max())) {
    if (open.platform == view_.target->name && open.kind == to_string(OperationKind::create))
      return fmt::format("what became of a create of run {} is not known yet", open.run);
  }
  return {};
}

std::string OrphanJudge::because(const std::string& since) const {
  const auto after = [](const char* what, const std::optional<int>& days) {
    return days ? fmt::format(" {} {}d", what, *days) : std::string();
  };
  return fmt::format("nobody declares it since {}; orphans:{}{} ({})", since.substr(0, 10),
                     after("disable", rules_.disable_after_days), after("delete", rules_.delete_after_days),
                     rules_.place.to_string());
}

std::string OrphanJudge::why_not_anybodys(const Account& account) {
  if (!view_.self.empty() && account.id == view_.self) return "it is the account usher logs in with";
  Links links(database_.connection());
  const Fingerprint key = database_.fingerprints().of_id(account.id);
  if (links.of_account(view_.target->platform, key)) return "it is linked";
  if (const std::string was = links.ended_holder(view_.target->platform, key); !was.empty())
    return fmt::format("it was that of {} until the link ended, and is left as it is", was);
  return {};
}

OrphanFate OrphanJudge::step_of(const Account& account, std::int64_t waited) const {
  const Capabilities& can = view_.can();
  const bool locked = can.lock && looks_locked(account, can) &&
                      Lifecycle(database_.connection()).locked_since(view_.target->platform, account.id);
  const bool usable = account.active && !locked;
  const auto step = [&](OperationKind what, int days) {
    const std::int64_t left = std::max<std::int64_t>(days * seconds_a_day - waited, 0);
    return OrphanFate{left == 0 ? OrphanFate::Kind::due : OrphanFate::Kind::waits, "", what,
                      view_.now + left};
  };
  const auto& deletes = rules_.delete_after_days;
  if (deletes && waited >= *deletes * seconds_a_day) return step(OperationKind::remove, *deletes);
  if (usable && rules_.disable_after_days)
    return step(can.disable ? OperationKind::disable : OperationKind::lock, *rules_.disable_after_days);
  if (deletes) return step(OperationKind::remove, *deletes);
  return staying(fmt::format("it is {} already", locked ? "locked" : "disabled"));
}

OrphanFate OrphanJudge::fate(const Account& account, bool tell) {
  if (const std::string why = why_not_anybodys(account); !why.empty()) return staying(why);
  const auto excepted = exception_.excepts(account_variable(account));
  if (!excepted) return {OrphanFate::Kind::fails, "orphans.except fails: " + excepted.error()};
  if (*excepted) return staying(fmt::format("orphans.except ({})", rules_.except.place.to_string()));
  const auto seen = watch_.all().find(account.id);
  const bool is_new = seen == watch_.all().end();
  OrphanFate fate = step_of(account, is_new ? 0 : watch_.count() - seen->second.waited);
  if (!tell && fate.kind != OrphanFate::Kind::due) return fate;
  // A clock that was ahead wrote a time that is still to come: only the count says how long it waited.
  const std::string now = text_of(view_.now);
  const std::string stays = fate.why.empty() ? "" : ": " + fate.why;
  fate.why = because(is_new ? now : std::min(seen->second.since, now)) + stays;
  return fate;
}

std::vector<OrphanFate> OrphanJudge::judge(std::span<const Account> accounts, bool everybody) {
  std::vector<OrphanFate> fates(accounts.size());
  std::vector<Account> asked;
  for (std::size_t i = 0; why_none_.empty() && i < accounts.size(); ++i) {
    fates[i] = fate(accounts[i], everybody);
    const bool due = fates[i].kind == OrphanFate::Kind::due;
    if (due || (everybody && fates[i].kind == OrphanFate::Kind::waits)) asked.push_back(accounts[i]);
  }
  const NamedAccounts named = named_accounts(database_, input_, index_, asked);
  if (named.failing > 0) why_none_ = failing_text(named.failing, named.first_failing);
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    const auto holder = named.people.find(accounts[i].id);
    if (!why_none_.empty())
      fates[i] = staying(why_none_);
    else if (holder != named.people.end())
      fates[i] = staying(fmt::format("it matches {}, who is declared", holder->second));
  }
  return fates;
}

namespace {

/// What of the orphans of one platform is told: how many stay, and why.
class OrphanSummary {
 public:
  void add(const OrphanFate& fate) {
    if (fate.kind == OrphanFate::Kind::waits) {
      ++waiting_[*fate.step];
      first_ = first_ == 0 ? fate.day : std::min(first_, fate.day);
    }
    if (fate.kind == OrphanFate::Kind::stays) ++staying_;
  }

  bool any() const { return !waiting_.empty(); }
  std::string text() const {
    // Whom they match is looked at when they are due, and by `usher orphans`: that takes as long as
    // everybody.
    std::string told = "of accounts that nobody is linked to";
    const char* joint = " ";
    for (const auto& [step, count] : waiting_) {
      told += fmt::format("{}{} wait to be {}", std::exchange(joint, ", "), count, participle(step));
    }
    told += fmt::format(", the first on {}", day_text(first_));
    if (staying_ > 0) told += fmt::format("; {} stay", staying_);
    return told + "; `usher orphans` lists them, and whom they match";
  }

 private:
  std::map<OperationKind, std::uint64_t> waiting_;
  std::uint64_t staying_ = 0;
  std::int64_t first_ = 0;
};

}  // namespace

void plan_orphans(Plan& plan, Database& database, const PlanningInput& input, std::size_t target,
                  const PlatformView& view, const std::vector<Fingerprint>& unclaimed) {
  if (!view.rules().orphans.take()) return;
  const std::string& platform = view.target->name;
  const auto note = [&](std::string text) {
    plan.notes.push_back({platform, "", "", NoteKind::orphans, std::move(text)});
  };
  const auto none = [&](const std::string& why) { note("accounts that nobody declares stay: " + why); };
  Transaction transaction(database.connection(), Durability::lazy);
  OrphanJudge judge(database, input, target, view, plan);
  if (!judge.why_none().empty()) return none(judge.why_none());
  judge.watch().advance(view.now);
  std::set<std::string> linked;
  for (const NewLink& link : plan.links)
    if (link.platform == platform) linked.insert(link.account);
  std::vector<Account> accounts;
  Snapshots snapshots(database.connection());
  for (const Fingerprint& key : unclaimed) {
    auto stored = snapshots.find(view.target->platform, key);
    if (stored && !linked.contains(stored->account.id)) accounts.push_back(std::move(stored->account));
  }
  std::sort(accounts.begin(), accounts.end(), [](const Account& a, const Account& b) { return a.id < b.id; });
  const std::vector<OrphanFate> fates = judge.judge(accounts, false);
  if (!judge.why_none().empty()) return none(judge.why_none());  // and nothing counts as waited
  std::map<std::string, OrphanWatch::Seen> forgotten = judge.watch().all();
  OrphanSummary summary;
  std::size_t failing = 0, first_failing = 0;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    summary.add(fates[i]);
    if (fates[i].step && forgotten.erase(accounts[i].id) == 0)
      judge.watch().begin(accounts[i].id, text_of(view.now));
    if (fates[i].kind == OrphanFate::Kind::fails && ++failing == 1) first_failing = i;
    if (fates[i].kind == OrphanFate::Kind::due)
      add(plan, decide_orphan(view, accounts[i], *fates[i].step, fates[i].why));
  }
  for (const auto& [account, seen] : forgotten) judge.watch().end(account);
  transaction.commit();
  if (failing > 0)
    plan.notes.push_back(
        {platform, "", accounts[first_failing].id, NoteKind::rule_error,
         fmt::format("{}; {} so", fates[first_failing].why,
                     failing == 1 ? "one account stays" : fmt::format("{} accounts stay", failing))});
  if (summary.any()) note(summary.text());
}

}  // namespace usher
