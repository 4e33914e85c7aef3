#include "engine/apply/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/runtime/time.hpp"
#include "state/model/normalise.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// The details of the membership an operation is about; null when the account does not have it.
json membership_in(const Account& account, const Membership& membership) {
  const json all = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  const auto kind = all.find(membership.kind);
  if (kind == all.end()) return nullptr;
  const auto edge = kind->find(membership.entitlement);
  return edge == kind->end() ? json() : *edge;
}

bool holds(const Account& account, const json& values) {
  const json attributes = json::parse(account.attributes);
  for (const auto& [path, value] : values.items()) {
    if (at_path(attributes, path) != value) return false;
  }
  return true;
}

/// What became of an operation that may have been sent; nullopt when the platform cannot be read, and why.
tl::expected<Ending, std::string> settle_one(Database& database, Connector& connector,
                                             const JournalEntry& entry, std::stop_token stop) {
  Operation operation = operation_from_json(json::parse(entry.detail));
  if (operation.account.empty() &&
      operation.kind != OperationKind::create) {  // it follows a create of its run
    const auto link =
        Links(database.connection()).of_person(database.platform(operation.platform), operation.person);
    if (!link)
      return Ending{entry.seq, OperationState::failed, "", "was not done: its account was not created"};
    operation.account = link->account;
  }
  const auto account = read_back(connector, operation, std::move(stop));
  if (!account && account.error().kind == FailureKind::unsupported) {
    if (operation.kind == OperationKind::create && !operation.active)
      database.set_fact(fact_of_unusable(operation.platform, operation.person), "1");
    return Ending{entry.seq, OperationState::failed, "",
                  "it may have been done: the platform cannot be asked, the next pull shows it"};
  }
  if (!account) return tl::unexpected(describe(account.error()));
  if (!took_effect(operation, *account, connector.capabilities())) {
    const bool known = shows_effect(operation, connector.capabilities());
    return Ending{entry.seq, OperationState::failed, "",
                  known ? "was not done: found by reading the account back"
                        : "it is not known whether it was done; what still needs it does it again"};
  }
  remember(database, operation, now_text());
  if (operation.kind == OperationKind::create) {
    record_links(database, operation.platform, {{operation.person, (*account)->id, how_created(operation)}},
                 now_text());
  }
  return Ending{entry.seq, OperationState::done, *account ? (*account)->id : "",
                "found done by reading the account back"};
}

}  // namespace

bool looks_locked(const Account& account, const Capabilities& capabilities) {
  const json attributes = json::parse(account.attributes);
  const AttributeValues& shows = capabilities.locking.shows;
  return std::all_of(shows.begin(), shows.end(), [&](const auto& value) {
    return at_path(attributes, value.first) == json::parse(value.second);
  });
}

bool shows_effect(const Operation& operation, const Capabilities& capabilities) {
  const bool locks = operation.kind == OperationKind::lock || operation.kind == OperationKind::unlock;
  return operation.kind != OperationKind::rotate && operation.kind != OperationKind::revoke &&
         !(locks && capabilities.locking.shows.empty());
}

bool took_effect(const Operation& operation, const std::optional<Account>& account,
                 const Capabilities& capabilities) {
  if (operation.kind == OperationKind::remove) return !account;
  if (!account || !shows_effect(operation, capabilities)) return false;
  switch (operation.kind) {
    case OperationKind::create:
      return true;
    case OperationKind::enable:
      return account->active;
    case OperationKind::disable:
      return !account->active;
    case OperationKind::lock:
      return looks_locked(*account, capabilities);
    case OperationKind::unlock:
      return !looks_locked(*account, capabilities);
    case OperationKind::update:
      return holds(*account, operation.after);
    case OperationKind::add_membership:
    case OperationKind::change_membership:
      return membership_in(*account, operation.membership) == json(operation.membership.details);
    case OperationKind::remove_membership:
      return membership_in(*account, operation.membership).is_null();
    case OperationKind::rotate:
    case OperationKind::revoke:
    case OperationKind::remove:
      break;
  }
  return false;
}

Outcome<std::optional<Account>> read_back(Connector& connector, const Operation& operation,
                                          std::stop_token stop) {
  AccountQuery query{.id = operation.account, .kinds = kinds_of({&operation, 1})};
  if (!query.id.empty()) return connector.read(query, std::move(stop));
  const json key = operation.after.value(connector.capabilities().natural_key, json());
  if (!connector.capabilities().find || !key.is_string()) {
    return tl::unexpected(
        Failure{.kind = FailureKind::unsupported, .message = "an account cannot be found by its key"});
  }
  query.natural_key = key.get<std::string>();
  return connector.read(query, std::move(stop));
}

void remember(Database& database, const Operation& operation, const std::string& at) {
  const PlatformId platform = database.platform(operation.platform);
  Lifecycle lifecycle(database.connection());
  if (operation.kind == OperationKind::lock) lifecycle.remember_locked(platform, operation.account, at);
  if (operation.kind == OperationKind::unlock || operation.kind == OperationKind::remove)
    lifecycle.forget_locked(platform, operation.account);
  if (operation.kind == OperationKind::remove || operation.kind == OperationKind::create)
    lifecycle.forget_gone(platform, operation.person);
}

std::string fact_of_unusable(const std::string& platform, const std::string& person) {
  return "made unusable " + platform + " " + person;
}

std::string how_created(const Operation& operation) {
  return operation.active ? "created" : created_unusable;
}

void record_links(Database& database, const std::string& name, const std::vector<Pair>& pairs,
                  const std::string& at) {
  const PlatformId platform = database.platform(name);
  Links links(database.connection());
  Wanted wanted(database.connection());
  std::vector<Link> recorded;
  std::vector<Fingerprint> left;  // where wanted rows stood so far
  std::vector<WantedRow> rows;
  for (const Pair& pair : pairs) {
    const Fingerprint key = database.fingerprints().of_id(pair.account);
    const Fingerprint person = database.fingerprints().of_person(pair.person);
    if (pair.how == created_unusable) database.forget_fact(fact_of_unusable(name, pair.person));
    recorded.push_back({pair.person, pair.account, key, std::nullopt, pair.how, at});
    std::vector<Fingerprint> places = {person};
    if (const auto before = links.of_person(platform, pair.person)) places.push_back(before->key);
    for (const Fingerprint& place : places) {
      auto row = place == key ? std::nullopt : wanted.find(platform, place);
      if (!row || row->person != person) continue;
      left.push_back(place);
      row->key = key;
      row->settled.reset();
      rows.push_back(*row);
    }
  }
  std::sort(recorded.begin(), recorded.end(),
            [](const Link& a, const Link& b) { return a.person < b.person; });
  std::sort(left.begin(), left.end());
  std::sort(rows.begin(), rows.end(), [](const WantedRow& a, const WantedRow& b) { return a.key < b.key; });
  links.put(platform, recorded);
  wanted.erase(platform, left);
  wanted.put(platform, rows);
}

std::map<std::string, std::string> settle(Database& database,
                                          const std::map<std::string, Connector*>& connectors,
                                          std::int64_t run, std::stop_token stop) {
  Journal journal(database.connection());
  std::map<std::string, std::string> unreadable;
  for (const JournalEntry& entry : journal.open_before(run)) {
    Ending ending{entry.seq, OperationState::skipped, "", "the run ended before it was sent"};
    Transaction transaction(database.connection());
    if (entry.state != OperationState::planned) {
      const auto connector = connectors.find(entry.platform);
      if (connector == connectors.end()) {
        ending = {entry.seq, OperationState::failed, "",
                  "its outcome is not known: the platform is no longer configured"};
      } else if (unreadable.count(entry.platform) > 0) {
        continue;
      } else {
        auto settled = settle_one(database, *connector->second, entry, stop);
        if (!settled) {
          unreadable[entry.platform] = "an operation of an earlier run is not settled: " + settled.error();
          continue;
        }
        ending = std::move(*settled);
      }
    }
    journal.mark_ended(entry.run, std::vector<Ending>{ending}, now_text());
    transaction.commit();
  }
  return unreadable;
}

}  // namespace usher
