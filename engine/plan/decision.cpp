#include "engine/plan/decision.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/plan/change_builder.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/effect.hpp"
#include "state/store/link_recorder.hpp"

namespace usher {

namespace {

using nlohmann::json;

std::optional<json> groups_of(const json& wanted) {
  return wanted.contains("groups") ? std::optional<json>(wanted.at("groups")) : std::nullopt;
}

std::string date_of(std::int64_t seconds) {
  return date::format("%F", date::sys_seconds(std::chrono::seconds(seconds)));
}

/// What the rules want done with a leaver today.
struct LeaverStep {
  std::optional<OperationKind> step;  ///< nullopt: nothing today
  std::string why;                    ///< step is nullopt: why not; empty: it only waits
  std::string later;                  ///< what waits, and until when; empty: nothing
  bool no_way = false;                ///< the platform can take nothing away
};

/// Which step takes the use of an account away on this platform, or why none does.
tl::expected<OperationKind, std::string> way_to_disable(const PlatformView& view) {
  const Capabilities& can = view.can();
  const std::optional<Fallback> choice = view.rules().leavers.without_disable;
  if (can.disable) return OperationKind::disable;
  if (choice == Fallback::lock && can.lock) return OperationKind::lock;
  if (choice == Fallback::remove && can.remove) return OperationKind::remove;
  return tl::unexpected(fmt::format("{} cannot disable an account; leavers.without-disable may be {}",
                                    view.target->name,
                                    can.lock && can.remove ? "lock or delete"
                                    : can.lock             ? "lock"
                                    : can.remove           ? "delete"
                                                           : "nothing but report"));
}

/// Of somebody whose account stays because the platform cannot take it away.
NoteKind no_way(const PlatformView& view) {
  return view.rules().leavers.without_disable ? NoteKind::reported : NoteKind::no_disable;
}

std::string days_text(int days) {
  return pluralised(static_cast<std::uint64_t>(days), "day", "days");
}

LeaverStep step_of(const PlatformView& view, const Standing& standing) {
  const std::int64_t gone_since = standing.gone_since.value_or(view.now);
  const std::int64_t now = view.target->clock_doubt.empty() ? view.now : std::min(view.now, gone_since);
  constexpr std::int64_t day = 86'400;
  const LeaverRules& rules = view.rules().leavers;
  const auto due_at = [&](int days) { return gone_since + days * day; };
  const bool deletes = rules.delete_after_days && view.can().remove;
  if (deletes && now >= due_at(*rules.delete_after_days)) return {OperationKind::remove, "", "", false};
  LeaverStep result;
  if (deletes) {
    result.later =
        fmt::format("is deleted on {}, {} after it was first seen so",
                    date_of(due_at(*rules.delete_after_days)), days_text(*rules.delete_after_days));
  }
  const auto way = way_to_disable(view);
  if (!rules.disable_after_days && standing.made_unusable && way) {
    result.step =
        *way;  // it was never to be used; what made it did not come to its end, or it was enabled since
  } else if (!rules.disable_after_days) {
    result.why = "leavers: the rules never disable anybody here";
  } else if (!way) {
    result.why = way.error();
    result.no_way = true;
  } else if (now < due_at(*rules.disable_after_days)) {
    result.later =
        fmt::format("is {} on {}, {} after it was first seen so", participle(*way),
                    date_of(due_at(*rules.disable_after_days)), days_text(*rules.disable_after_days));
  } else {
    result.step = *way;
  }
  return result;
}

/// Whether a new account can be made now; says why not.
bool may_create(const PlatformView& view, ChangeBuilder& judge, const json& wanted) {
  const auto refuse = [&](NoteKind kind, std::string why) {
    judge.note(kind, std::move(why));
    return false;
  };
  if (!view.rules().create)
    return refuse(NoteKind::no_create, "has no account, and the rules create none here");
  if (!view.can().create)
    return refuse(NoteKind::unsupported,
                  "has no account, and this platform's connector cannot create one with its options; `usher "
                  "connector show` says which it takes");
  if (!view.unsealed.empty()) return refuse(NoteKind::no_seal, "is not created: " + view.unsealed);
  if (const std::string path = judge.lacking(wanted.at("set")); !path.empty())
    return refuse(NoteKind::incomplete, fmt::format("cannot be created: {} is required and empty", path));
  return true;
}

/// Takes everything a leaver has, in the order that leaves nothing usable behind: tokens and sessions,
/// memberships, the account.
/// rule: that wants it so.
void take_everything(ChangeBuilder& judge, OperationKind step, const std::string& because,
                     const char* rule = "leavers") {
  judge.revoke_credentials();
  judge.remove_memberships(
      because, step == OperationKind::lock ? ChangeBuilder::Taking::by_lock : ChangeBuilder::Taking::managed);
  if (step == OperationKind::lock) judge.write_for_lock();
  judge.take_away(step, rule);
}

}  // namespace

const char* participle(OperationKind step) {
  return step == OperationKind::disable ? "disabled" : step == OperationKind::lock ? "locked" : "deleted";
}

Decision decide_update(const PlatformView& view, const DesiredAccountReader::Answer& person,
                       const Account& account, const Standing& standing, const std::string& because) {
  ChangeBuilder judge(view, person.id, &account);
  const json wanted = json::parse(person.content);
  judge.enable();
  if (standing.locked) judge.unlock();
  if (account.active || view.can().enable || !view.can().updates_need_active)
    judge.update(wanted.at("set"), standing.written);
  if (judge.must_recreate()) {
    judge.recreate(wanted.at("set"), groups_of(wanted));
  } else if (wanted.contains("groups")) {
    judge.memberships(wanted.at("groups"));
  }
  return judge.finish(Situation::matched, because);
}

void add(Plan& plan, Decision decision) {
  std::move(decision.notes.begin(), decision.notes.end(), std::back_inserter(plan.notes));
  if (!decision.change) return;
  for (Operation& operation : decision.operations) {
    operation.change = plan.changes.size();
    plan.operations.push_back(std::move(operation));
  }
  plan.changes.push_back(std::move(*decision.change));
}

Decision decide_to_wait(const PlatformView& view, const std::string& person, const std::string& account,
                        const std::string& linked_at) {
  const std::string& platform = view.target->name;
  Decision decision;
  decision.notes.push_back(
      {platform, person, account, NoteKind::waits,
       fmt::format("its account {} was linked at {}; {} need not show it within {} s (`lag` in its recipe)",
                   account, linked_at, platform, view.can().create_lag.count()),
       "its account was linked lately, and the platform need not show it yet (`lag` in its recipe)"});
  return decision;
}

Decision decide_create(const PlatformView& view, const DesiredAccountReader::Answer& person,
                       const std::string& because) {
  ChangeBuilder judge(view, person.id, nullptr);
  const json wanted = json::parse(person.content);
  if (may_create(view, judge, wanted)) judge.create(wanted.at("set"), groups_of(wanted));
  return judge.finish(Situation::missing, because);
}

Decision decide_create_unusable(const PlatformView& view, const DesiredAccountReader::Answer& person,
                                const std::string& because) {
  ChangeBuilder judge(view, person.id, nullptr);
  const json wanted = json::parse(person.content);
  const auto way = way_to_disable(view);
  const OperationKind step = view.can().create_disabled || !way ? OperationKind::disable : *way;
  if (!way && !view.can().create_disabled) {
    judge.note(no_way(view), "is not created: " + way.error());
  } else if (may_create(view, judge, wanted)) {
    // Where leavers are disabled they lose their memberships too: to give any now would be undone at once.
    const bool keeps_groups = !view.rules().leavers.disable_after_days;
    judge.create_unusable(wanted.at("set"), keeps_groups ? groups_of(wanted) : std::nullopt, step);
  }
  return judge.finish(Situation::missing, because);
}

Decision decide_deprovision(const PlatformView& view, const std::string& person, const Account& account,
                            const Standing& standing, const std::string& because) {
  ChangeBuilder judge(view, person, &account);
  const auto done = [&] { return judge.finish(Situation::unqualified, because); };
  const LeaverStep today = step_of(view, standing);
  const bool deletes = today.step == OperationKind::remove;
  const bool locked = standing.locked && looks_locked(account, view.can());
  const bool inactive = !account.active || locked;
  if (judge.is_self()) {
    if (!inactive)
      judge.note(NoteKind::own_account, "is not taken away: it is the account this program logs in with");
    return done();
  }
  if (inactive && !deletes) {  // is nobody's any more; what came back since goes again
    const bool loses = today.step && (locked || view.rules().leavers.disable_after_days);
    if (loses)
      judge.remove_memberships(because,
                               locked ? ChangeBuilder::Taking::by_lock : ChangeBuilder::Taking::managed);
    if (loses && locked && view.unsure.empty()) judge.write_for_lock();
    if (!today.later.empty()) judge.note(NoteKind::waits, fmt::format("{}; {}", because, today.later));
    return done();
  }
  if (!today.step) {
    const char* joint = today.why.empty() || today.later.empty() ? "" : "; ";
    judge.note(today.no_way          ? no_way(view)
               : today.later.empty() ? NoteKind::leaver
                                     : NoteKind::waits,
               fmt::format("{}; {}{}{}{}", because, today.why.empty() ? "" : "stays: ", today.why, joint,
                           today.later));
    return done();
  }
  if (!view.unsure.empty()) {
    judge.note(NoteKind::no_seal, fmt::format("{}; stays: {}", because, view.unsure));
    return done();
  }
  take_everything(judge, *today.step, because);
  if (!today.later.empty()) judge.note(NoteKind::waits, fmt::format("{}; {}", because, today.later));
  return done();
}

Decision decide_orphan(const PlatformView& view, const Account& account, OperationKind step,
                       const std::string& because) {
  ChangeBuilder judge(view, "", &account);
  if (!judge.is_self()) take_everything(judge, step, because, "orphans");
  return judge.finish(Situation::orphan, because);
}

Decision decide_offboarding(const PlatformView& view, const std::string& person, const Account& account,
                            const Standing& standing, const std::string& because, OffboardingScope scope) {
  ChangeBuilder judge(view, person, &account);
  const Capabilities& can = view.can();
  const bool locked = standing.locked && looks_locked(account, view.can());
  if (judge.is_self()) {
    judge.note(NoteKind::own_account, "is not taken away: it is the account this program logs in with");
    return judge.finish(Situation::unqualified, because);
  }
  const bool deletes = !can.disable && !can.lock && can.remove &&
                       (view.rules().leavers.without_disable == Fallback::remove ||
                        view.rules().leavers.delete_after_days.has_value());
  const bool usable = account.active && !locked;
  if (scope == OffboardingScope::everything || (usable && (can.disable || can.lock || deletes)))
    judge.revoke_credentials();
  judge.remove_memberships(because, ChangeBuilder::Taking::all);
  if (!usable) {
    if (locked) judge.write_for_lock();
  } else if (can.disable) {
    judge.take_away(OperationKind::disable);
  } else if (can.lock) {
    judge.write_for_lock();
    judge.take_away(OperationKind::lock);
  } else if (deletes) {
    judge.take_away(OperationKind::remove);
  } else {
    judge.note(no_way(view),
               fmt::format("stays: {} can neither disable nor lock an account{}", view.target->name,
                           can.remove ? "; leavers.without-disable: delete lets it be deleted" : ""));
  }
  return judge.finish(Situation::unqualified, because);
}

}  // namespace usher
