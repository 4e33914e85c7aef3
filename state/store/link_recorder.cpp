#include "state/store/link_recorder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "state/store/approvals.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"
#include "state/store/people.hpp"
#include "state/store/renumbering.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

void unsettle(Database& database, PlatformId platform, const std::string& account) {
  Wanted wanted(database.connection());
  auto row = wanted.find(platform, database.fingerprints().of_id(account));
  if (!row) return;
  wanted.erase(platform, std::vector<Fingerprint>{row->key});
  row->settled.reset();
  wanted.put(platform, std::vector<WantedRow>{*row});
}

}  // namespace

void remember(Database& database, const Operation& operation, const std::string& at) {
  const PlatformId platform = database.platform(operation.platform);
  Lifecycle lifecycle(database.connection());
  if (operation.kind == OperationKind::lock) lifecycle.remember_locked(platform, operation.account, at);
  if (operation.kind == OperationKind::unlock || operation.kind == OperationKind::remove)
    lifecycle.forget_locked(platform, operation.account);
  // No pull shows it: what was found to be as wanted has to be looked at again.
  if (operation.kind == OperationKind::lock || operation.kind == OperationKind::unlock)
    unsettle(database, platform, operation.account);
  if (operation.kind == OperationKind::remove || operation.kind == OperationKind::create)
    lifecycle.forget_gone(platform, operation.person);
  if (operation.kind == OperationKind::remove || operation.kind == OperationKind::rotate)
    LostSecrets(database.connection()).forget(operation.platform, operation.account);
  if (!operation.approvals.empty()) {
    Operation planned = operation;
    Approvals(database.connection()).mark_done(approval_digest(planned), at);
    planned.account.clear();  // as it was approved, where the change made the account
    Approvals(database.connection()).mark_done(approval_digest(planned), at);
  }
  if (operation.kind == OperationKind::remove)
    end_link(database, operation.platform, operation.account, deleted_by_usher, at);
}

std::string fact_of_unusable(const std::string& platform, const std::string& person) {
  return "made unusable " + platform + " " + person;
}

LinkOrigin how_created(const Operation& operation) {
  return {operation.active ? LinkOrigin::Kind::created : LinkOrigin::Kind::created_unusable};
}

std::vector<RefusedLink> record_links(Database& database, const std::string& name,
                                      const std::vector<Pair>& pairs, const std::string& at) {
  const PlatformId platform = database.platform(name);
  Links links(database.connection());
  Wanted wanted(database.connection());
  std::vector<Link> recorded;
  std::vector<Fingerprint> left;  // where wanted rows stood so far
  std::vector<WantedRow> rows;
  std::vector<RefusedLink> refused;
  for (const Pair& pair : pairs) {
    const Fingerprint key = database.fingerprints().of_id(pair.account);
    const Fingerprint person = database.fingerprints().of_person(pair.person);
    if (!pair.from.empty()) hand_on(database, platform, pair.from, pair.person, at);
    if (const auto holder = links.of_account(platform, key); holder && holder->person != pair.person) {
      refused.push_back(
          {pair, fmt::format("the account {} is linked to '{}' and cannot be linked to '{}' too",
                             pair.account, holder->person, pair.person)});
      continue;
    }
    if (pair.how.kind == LinkOrigin::Kind::created_unusable)
      database.forget_fact(fact_of_unusable(name, pair.person));
    recorded.push_back({pair.person, pair.account, key, std::nullopt, pair.how, at});
    std::vector<Fingerprint> places = {person};
    if (const auto before = links.of_person(platform, pair.person)) places.push_back(before->key);
    bool moved = false;
    for (const Fingerprint& place : places) {
      auto row = place == key ? std::nullopt : wanted.find(platform, place);
      if (!row || row->person != person) continue;
      left.push_back(place);
      row->key = key;
      row->settled.reset();
      rows.push_back(*row);
      moved = true;
    }
    // Who left before it was known that they have an account is a leaver from now on.
    if (!moved && !People(database.connection()).find(person))
      rows.push_back(
          {key, person, WantedState::leaver, leaver_digest(database.fingerprints()), std::nullopt});
  }
  std::sort(recorded.begin(), recorded.end(),
            [](const Link& a, const Link& b) { return a.person < b.person; });
  std::sort(left.begin(), left.end());
  std::sort(rows.begin(), rows.end(), [](const WantedRow& a, const WantedRow& b) { return a.key < b.key; });
  links.put(platform, recorded);
  wanted.erase(platform, left);
  wanted.put(platform, rows);
  return refused;
}

void end_link(Database& database, const std::string& name, const std::string& account, const std::string& why,
              const std::string& at) {
  const PlatformId platform = database.platform(name);
  Links links(database.connection());
  const auto link = links.of_account(platform, database.fingerprints().of_id(account));
  if (!link) return;
  links.end(platform, link->person, why, at);
  // What the person should have stands under their own key again.
  Wanted wanted(database.connection());
  auto row = wanted.find(platform, link->key);
  const Fingerprint person = database.fingerprints().of_person(link->person);
  if (!row || row->person != person) return;
  wanted.erase(platform, std::vector<Fingerprint>{link->key});
  row->key = person;
  row->settled.reset();
  wanted.put(platform, std::vector<WantedRow>{*row});
}

}  // namespace usher
