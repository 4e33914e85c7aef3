#include "engine/credentials/credential_admin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <iterator>

#include "state/model/account_label.hpp"
#include "state/model/mutex.hpp"
#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

[[noreturn]] void refuse(std::string message) {
  throw CommandError(ExitCode::usage, message);
}

/// The kinds of credentials an act is possible with.
template <class Possible>
std::vector<std::string> kinds_that(const Capabilities& can, Possible possible) {
  std::vector<std::string> names;
  for (const CredentialKind& kind : can.credentials) {
    if (possible(kind)) names.push_back(kind.name);
  }
  return names;
}

const CredentialKind& kind_of(const Capabilities& can, const CredentialQuery& holder, OperationKind act) {
  const bool rotates = act == OperationKind::rotate;
  const auto fits = [&](const CredentialKind& kind) { return rotates ? kind.rotate : kind.revoke; };
  const auto usual = [&](const CredentialKind& kind) {
    return fits(kind) && !kind.own && kind.holder.empty();
  };
  const std::vector<std::string> all = kinds_that(can, fits);
  const char* word = rotates ? "renewed" : "revoked";
  if (holder.kind.empty()) {
    const std::vector<std::string> common = kinds_that(can, usual);
    if (common.size() == 1) return *can.credential(common.front());
    refuse(all.empty() ? fmt::format("No credential of {} can be {}.", holder.platform, word)
                       : fmt::format("Which one? --kind takes what can be {} on {}: {}.", word,
                                     holder.platform, fmt::join(all, ", ")));
  }
  const CredentialKind* kind = can.credential(holder.kind);
  if (kind == nullptr || !fits(*kind)) {
    refuse(
        fmt::format("No '{}' can be {} on {}{}", holder.kind, word, holder.platform,
                    all.empty() ? std::string(".") : fmt::format("; what can: {}.", fmt::join(all, ", "))));
  }
  return *kind;
}

HeldCredentials find(Database& database, Connector& connector, const CredentialQuery& holder,
                     std::stop_token stop) {
  const PlatformId platform = database.platform(holder.platform);
  Links links(database.connection());
  Snapshots snapshots(database.connection());
  const Capabilities& can = connector.capabilities();
  const auto of = [&](const Account& account) {
    const auto owner = links.of_account(platform, database.fingerprints().of_id(account.id));
    return HeldCredentials{account.id, owner ? owner->person : "", label_of(account, can), {}};
  };
  const Fingerprint by_id = database.fingerprints().of_id(holder.key);
  auto link = links.of_person(platform, holder.key);
  if (!link) link = links.of_account(platform, by_id);
  const Fingerprint key = link ? link->key : by_id;
  if (const auto stored = snapshots.find(platform, key)) return of(stored->account);
  if (link ? can.read : can.find) {  // made since the last pull, or never pulled
    const auto found = connector.read(
        {.id = link ? link->account : "", .natural_key = link ? "" : holder.key, .kinds = no_kinds},
        std::move(stop));
    if (!found) throw CommandError(ExitCode::failed, describe(found.error()));
    if (*found) return of(**found);
  }
  refuse(
      fmt::format("Nobody on {} is known by '{}': it is no key of a person with an account there, no id "
                  "of an account of the last pull{}.",
                  holder.platform, holder.key, can.find ? ", and the platform knows no such account" : ""));
}

const AccountRules& check_rules(const Workspace& setup, const std::string& platform) {
  const auto rules = setup.config->accounts.find(platform);
  if (rules == setup.config->accounts.end())
    refuse(fmt::format("{} has no section under accounts, so that nothing is written there.", platform));
  return rules->second;
}

void check_handover(const Workspace& setup, const CredentialQuery& holder, const CredentialKind& kind) {
  using enum FirstSecret::Handover;
  const auto goes_to = check_rules(setup, holder.platform).first_secret.handover;
  if ((!kind.generated && !kind.answered) || goes_to == file || goes_to == command) return;
  refuse(
      fmt::format("Nobody would get the new secret. Say where secrets of {0} go: "
                  "accounts.{0}.credentials.first: {{file: PATH}} or {{command: …}}.",
                  holder.platform));
}

/// The kinds whose credentials are asked for: the named one, or all that accounts of people have.
std::vector<std::string> told_kinds(const Capabilities& can, const std::string& platform,
                                    const std::string& name) {
  auto kinds = kinds_that(can, [&](const CredentialKind& kind) {
    return kind.list && (name.empty() ? kind.holder.empty() : kind.name == name);
  });
  if (!kinds.empty()) return kinds;
  const auto tellable = kinds_that(can, [](const CredentialKind& kind) { return kind.list; });
  refuse(tellable.empty()
             ? fmt::format("{} does not tell which credentials an account has.", platform)
             : fmt::format("No '{}' is told by {}; what is: {}.", name, platform, fmt::join(tellable, ", ")));
}

/// Every account of the last pull but the one this program works as, by id.
std::vector<HeldCredentials> everybody(Database& database, Connector& connector,
                                       const std::string& platform) {
  const PlatformId id = database.platform(platform);
  Snapshots snapshots(database.connection());
  const PlatformState state = snapshots.platform(id);
  if (state.generation == 0)
    throw CommandError(
        ExitCode::source_incomplete,
        fmt::format("{0} was never pulled, so that nobody is known there: usher pull {0}", platform));
  Links links(database.connection());
  std::vector<HeldCredentials> all;
  snapshots.for_each_by_id(id, [&](const AccountView& view) {
    if (view.id == state.self) return;
    const std::string account(view.id);
    const auto owner = links.of_account(id, database.fingerprints().of_id(account));
    all.push_back({account,
                   owner ? owner->person : "",
                   label_of(account, nlohmann::json::parse(view.attributes), connector.capabilities()),
                   {}});
  });
  return all;
}

/// Several at a time: it is one request an account and kind. An account that is gone meanwhile has none.
void ask_for_all(Connector& connector, const std::vector<std::string>& kinds,
                 std::vector<HeldCredentials>& accounts, const std::stop_token& stop) {
  std::atomic<std::size_t> next{0};
  Mutex mutex;
  std::optional<Failure> failure;
  const auto ask = [&] {
    for (std::size_t i = next++; i < accounts.size() && !stop.stop_requested(); i = next++) {
      for (const std::string& kind : kinds) {
        auto found = connector.credentials(kind, accounts[i].account, stop);
        if (!found && found.error().kind == FailureKind::gone) break;
        if (!found) {
          const MutexLock lock(mutex);
          if (!failure) failure = std::move(found.error());
          next = accounts.size();
          return;
        }
        std::move(found->begin(), found->end(), std::back_inserter(accounts[i].credentials));
      }
    }
  };
  std::vector<std::future<void>> askers;
  for (unsigned i = 0; i < connector.capabilities().concurrency; ++i)
    askers.push_back(std::async(std::launch::async, ask));
  for (std::future<void>& asker : askers) asker.get();
  if (failure) throw CommandError(ExitCode::failed, describe(*failure));
}

void add(Plan& plan, const std::string& platform, const HeldCredentials& held, OperationKind act,
         const CredentialKind& kind, const std::string& id) {
  Change change;
  change.platform = platform;
  change.person = held.person;
  change.account = held.account;
  change.label = held.label;
  change.act = act_of(act);
  change.because = "was asked for";
  Operation operation;
  operation.kind = act;
  operation.platform = platform;
  operation.account = held.account;
  operation.person = held.person;
  operation.label = held.label;
  operation.route = kind.name;
  operation.credential = id;
  operation.change = plan.changes.size();
  operation.id = identity_of(operation);
  plan.changes.push_back(std::move(change));
  plan.operations.push_back(std::move(operation));
}

}  // namespace

HeldCredentials held_credentials(Database& database, const Workspace& setup, const CredentialQuery& holder,
                                 std::stop_token stop) {
  Connector& connector = connector_of(setup, holder.platform);
  const Capabilities& can = connector.capabilities();
  const CredentialKind* named = can.credential(holder.kind);
  const std::vector<std::string> kinds = told_kinds(can, holder.platform, holder.kind);
  HeldCredentials held = named != nullptr && !named->holder.empty()
                             ? HeldCredentials{holder.key, "", holder.key, {}}
                             : find(database, connector, holder, stop);
  for (const std::string& kind : kinds) {
    auto found = connector.credentials(kind, held.account, stop);
    if (!found) throw CommandError(ExitCode::failed, describe(found.error()));
    held.credentials.insert(held.credentials.end(), found->begin(), found->end());
  }
  return held;
}

Plan plan_credential(Database& database, const Workspace& setup, const CredentialQuery& holder,
                     OperationKind act, const std::string& id, std::stop_token stop) {
  Connector& connector = connector_of(setup, holder.platform);
  const CredentialKind& kind = kind_of(connector.capabilities(), holder, act);
  if (act == OperationKind::rotate) check_handover(setup, holder, kind);
  const PlatformState state = Snapshots(database.connection()).platform(database.platform(holder.platform));
  HeldCredentials held;
  if (kind.own) {
    held = {state.self, "", "the account usher logs in with", {}};
  } else if (holder.key.empty()) {
    refuse(act == OperationKind::revoke ? "Whose? Give --only KEY, or --everybody."
                                        : "Whose? Give --only KEY.");
  } else {
    held = kind.holder.empty() ? find(database, connector, holder, std::move(stop))
                               : HeldCredentials{holder.key, "", holder.key, {}};
  }
  if (!kind.own && !state.self.empty() && held.account == state.self) {
    const auto own = kinds_that(connector.capabilities(), [](const auto& one) { return one.own; });
    refuse(fmt::format("{} is the account this program logs in with; its credentials are not touched so.{}",
                       held.label, own.empty() ? "" : " There is --kind " + own.front() + "."));
  }
  Plan plan;
  add(plan, holder.platform, held, act, kind, id);
  return plan;
}

std::vector<HeldCredentials> all_held_credentials(Database& database, const Workspace& setup,
                                                  const std::string& platform, const std::string& kind,
                                                  std::stop_token stop) {
  Connector& connector = connector_of(setup, platform);
  const std::vector<std::string> kinds = told_kinds(connector.capabilities(), platform, kind);
  if (const CredentialKind* named = connector.capabilities().credential(kind);
      named != nullptr && (!named->holder.empty() || named->own))
    refuse(fmt::format("No account of a person has a '{}'. Give --only KEY.", kind));
  std::vector<HeldCredentials> all = everybody(database, connector, platform);
  ask_for_all(connector, kinds, all, stop);
  if (stop.stop_requested())
    throw CommandError(ExitCode::time_budget, "Interrupted while credentials were asked for.");
  std::erase_if(all, [](const HeldCredentials& held) { return held.credentials.empty(); });
  return all;
}

Plan plan_revocation(Database& database, const Workspace& setup, const std::string& platform,
                     const std::string& kind, std::stop_token stop) {
  Connector& connector = connector_of(setup, platform);
  const CredentialQuery everyone{platform, "", kind};
  const CredentialKind& revoked = kind_of(connector.capabilities(), everyone, OperationKind::revoke);
  if (revoked.own || !revoked.holder.empty())
    refuse(fmt::format("No account of a person has a '{}'. Give --only KEY.", revoked.name));
  check_rules(setup, platform);
  const std::vector<HeldCredentials> all =
      revoked.list ? all_held_credentials(database, setup, platform, revoked.name, std::move(stop))
                   : everybody(database, connector, platform);
  Plan plan;
  for (const HeldCredentials& held : all) add(plan, platform, held, OperationKind::revoke, revoked, "");
  return plan;
}

}  // namespace usher
