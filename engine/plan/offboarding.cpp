#include "engine/plan/offboarding.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/plan/decision.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

/// The account of the person on one platform: linked, or matched by the usual plan; empty: none.
std::string account_of(Database& database, const Target& target, const std::string& person,
                       const Plan& usual) {
  if (const auto link = Links(database.connection()).of_person(target.platform, person)) return link->account;
  for (const NewLink& link : usual.links) {
    if (link.platform == target.name && link.person == person) return link.account;
  }
  return {};
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

void add(Plan& plan, Decision verdict) {
  std::move(verdict.notes.begin(), verdict.notes.end(), std::back_inserter(plan.notes));
  if (!verdict.change) return;
  for (Operation& operation : verdict.operations) {
    operation.change = plan.changes.size();
    plan.operations.push_back(std::move(operation));
  }
  plan.changes.push_back(std::move(*verdict.change));
}

}  // namespace

Plan plan_offboarding(Database& database, const PlanningInput& input, const std::string& person,
                      const Plan& usual) {
  Plan plan;
  plan.seals = usual.seals;
  Snapshots snapshots(database.connection());
  for (const Target& target : input.targets) {
    const auto note = [&](const std::string& account, NoteKind kind, std::string message) {
      plan.notes.push_back({target.name, person, account, kind, std::move(message)});
    };
    const auto unread = std::find_if(usual.notes.begin(), usual.notes.end(), [&](const Note& one) {
      return one.platform == target.name && one.kind == NoteKind::not_read;
    });
    if (unread != usual.notes.end()) {
      note("", NoteKind::not_read, unread->message);
      continue;
    }
    const std::string id = account_of(database, target, person, usual);
    const auto account =
        id.empty() ? std::nullopt : snapshots.find(target.platform, database.fingerprints().of_id(id));
    if (!account) {
      note(
          id, NoteKind::no_account,
          id.empty() ? "has no account here" : "the account is not in the last pull: read the platform anew");
      continue;
    }
    const EntitlementNames names(snapshots.entitlements(target.platform));
    const PlatformView view{&target, &names,           snapshots.platform(target.platform).self, "", "",
                            "",      input.now.seconds};
    const std::size_t before = plan.changes.size();
    add(plan, decide_offboarding(view, person, account->account, standing_of(database, target.platform, id),
                                 "is offboarded on request"));
    if (plan.changes.size() > before && comes_back(database, target, person, id)) {
      note(id, NoteKind::comes_back,
           "the rules still give this account: the next sync gives back what is taken now, unless the source "
           "says that the person has left");
    }
  }
  for (const NewLink& link : usual.links) {
    if (link.person == person) plan.links.push_back(link);
  }
  return plan;
}

bool knows(Database& database, const PlanningInput& input, const std::string& person) {
  if (People(database.connection()).find(database.fingerprints().of_person(person))) return true;
  return std::any_of(input.targets.begin(), input.targets.end(), [&](const Target& target) {
    return Links(database.connection()).of_person(target.platform, person).has_value();
  });
}

}  // namespace usher
