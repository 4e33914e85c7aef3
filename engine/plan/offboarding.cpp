#include "engine/plan/offboarding.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/plan/decision.hpp"
#include "engine/plan/seal_of.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

/// Finds the account of the person on one platform: linked, or matched by the usual plan.
void find_account(Database& database, const Target& target, const std::string& person, const Plan& usual,
                  OffboardedAccount& out) {
  if (const auto link = Links(database.connection()).of_person(target.platform, person)) {
    out.id = link->account;
    return;
  }
  for (const NewLink& link : usual.links) {
    if (link.platform != target.name || link.person != person) continue;
    out.id = link.account;
    out.found = link;
  }
}

Standing standing_of(Database& database, PlatformId platform, const std::string& account) {
  Standing standing;
  standing.locked = Lifecycle(database.connection()).locked_since(platform, account).has_value();
  return standing;
}

/// Whether the rules still give the person an account there.
bool comes_back(Database& database, const Target& target, const std::string& person,
                const std::string& account) {
  Wanted wanted(database.connection());
  auto row = wanted.find(target.platform, database.fingerprints().of_id(account));
  if (!row) row = wanted.find(target.platform, database.fingerprints().of_person(person));
  return row && row->state == WantedState::present;
}

/// An account that usher linked on a platform which the rules do not name any more stays: that is told.
void note_other_platforms(Database& database, const PlanningInput& input, const std::string& person,
                          Plan& plan) {
  for (const PlatformState& platform : Snapshots(database.connection()).platforms()) {
    const bool named = std::any_of(input.targets.begin(), input.targets.end(),
                                   [&](const Target& target) { return target.name == platform.name; });
    const auto link =
        named ? std::nullopt : Links(database.connection()).of_person(platform.platform, person);
    if (!link) continue;
    plan.notes.push_back(
        {platform.name, person, link->account, NoteKind::unsupported,
         fmt::format("{} is no longer in the rules: the account there is left as it is", platform.name)});
  }
}

}  // namespace

std::map<std::string, OffboardedAccount> accounts_in(Database& database, const PlanningInput& input,
                                                     const std::string& person, const Plan& usual) {
  std::map<std::string, OffboardedAccount> accounts;
  Snapshots snapshots(database.connection());
  for (const Target& target : input.targets) {
    OffboardedAccount& one = accounts[target.name];
    const auto unread = std::find_if(usual.notes.begin(), usual.notes.end(), [&](const Note& note) {
      return note.platform == target.name && note.kind == NoteKind::not_read;
    });
    if (unread != usual.notes.end()) one.not_read = unread->message;
    find_account(database, target, person, usual, one);
    if (one.id.empty()) continue;
    if (auto stored = snapshots.find(target.platform, database.fingerprints().of_id(one.id)))
      one.account = std::move(stored->account);
  }
  return accounts;
}

Plan plan_offboarding(Database& database, const PlanningInput& input, const Offboarding& how,
                      const std::map<std::string, OffboardedAccount>& accounts) {
  const std::string& person = how.person;
  Plan plan;
  Snapshots snapshots(database.connection());
  for (const Target& target : input.targets) {
    plan.seals.push_back(seal_of(snapshots.platform(target.platform)));
    const OffboardedAccount& one = accounts.at(target.name);
    if (one.found) plan.links.push_back(*one.found);
    const auto note = [&](NoteKind kind, std::string message) {
      plan.notes.push_back({target.name, person, one.id, kind, std::move(message)});
    };
    if (!one.not_read.empty()) {
      note(NoteKind::not_read, one.not_read);
      continue;
    }
    if (!one.account) {
      note(one.id.empty() ? NoteKind::no_account : NoteKind::unsettled,
           one.id.empty() ? "has no account here"
                          : "the account is gone, or not in the last pull: read the platform anew");
      continue;
    }
    const EntitlementNames names(snapshots.entitlements(target.platform));
    const PlatformView view{.target = &target,
                            .names = &names,
                            .self = snapshots.platform(target.platform).self,
                            .unsealed = {},
                            .unsure = {},
                            .unseen = {},
                            .now = input.now.seconds};
    const std::size_t before = plan.changes.size();
    add(plan, decide_offboarding(view, person, *one.account, standing_of(database, target.platform, one.id),
                                 how.because,
                                 how.again ? OffboardingScope::what_is_seen : OffboardingScope::everything));
    if (!how.again && plan.changes.size() > before && comes_back(database, target, person, one.id)) {
      note(NoteKind::comes_back,
           fmt::format("the rules still give this account: it is not given back {}; 'usher readmit {}' ends "
                       "that",
                       how.until.empty() ? "as long as the sources have the person" : "before " + how.until,
                       person));
    }
  }
  note_other_platforms(database, input, person, plan);
  return plan;
}

}  // namespace usher
