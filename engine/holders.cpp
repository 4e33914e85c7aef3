#include "engine/holders.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/judge.hpp"
#include "engine/label.hpp"
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

const CredentialKind& kind_of(const Capabilities& can, const Session::Holder& holder, OperationKind act) {
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

Session::Held find(Database& database, Connector& connector, const Session::Holder& holder,
                   std::stop_token stop) {
  const PlatformId platform = database.platform(holder.platform);
  Links links(database.connection());
  Snapshots snapshots(database.connection());
  const Capabilities& can = connector.capabilities();
  const auto of = [&](const Account& account) {
    const auto owner = links.of_account(platform, database.fingerprints().of_id(account.id));
    return Session::Held{account.id, owner ? owner->person : "", label_of(account, can), {}};
  };
  const Fingerprint by_id = database.fingerprints().of_id(holder.key);
  auto link = links.of_person(platform, holder.key);
  if (!link) link = links.of_account(platform, by_id);
  const Fingerprint key = link ? link->key : by_id;
  if (const auto stored = snapshots.find(platform, key)) return of(stored->account);
  if (link ? can.read : can.find) {  // made since the last pull, or never pulled
    const auto found = connector.read(link ? link->account : "", link ? "" : holder.key, std::move(stop));
    if (!found) throw CommandError(ExitCode::failed, describe(found.error()));
    if (*found) return of(**found);
  }
  refuse(
      fmt::format("Nobody on {} is known by '{}': it is no key of a person with an account there, no id "
                  "of an account of the last pull{}.",
                  holder.platform, holder.key, can.find ? ", and the platform knows no such account" : ""));
}

void check_handover(const Setup& setup, const Session::Holder& holder, const CredentialKind& kind) {
  const auto rules = setup.config->accounts.find(holder.platform);
  if (rules == setup.config->accounts.end())
    refuse(
        fmt::format("{} has no section under accounts, so that nothing is written there.", holder.platform));
  const bool makes_secret = kind.generated || kind.answered;
  if (!makes_secret || rules->second.first_secret.handover != FirstSecret::Handover::discard) return;
  refuse(
      fmt::format("Nobody would get the new secret. Say where secrets of {0} go: "
                  "accounts.{0}.credentials.first: {{file: PATH}} or {{command: …}}.",
                  holder.platform));
}

}  // namespace

Session::Held held_credentials(Database& database, const Setup& setup, const Session::Holder& holder,
                               std::stop_token stop) {
  Connector& connector = connector_of(setup, holder.platform);
  const Capabilities& can = connector.capabilities();
  const CredentialKind* named = can.credential(holder.kind);
  const auto listed = [&](const CredentialKind& kind) {
    return kind.list && (holder.kind.empty() ? kind.holder.empty() : kind.name == holder.kind);
  };
  const std::vector<std::string> kinds = kinds_that(can, listed);
  if (kinds.empty()) {
    const auto tellable = kinds_that(can, [](const CredentialKind& kind) { return kind.list; });
    refuse(tellable.empty()
               ? fmt::format("{} does not tell which credentials an account has.", holder.platform)
               : fmt::format("No '{}' is told by {}; what is: {}.", holder.kind, holder.platform,
                             fmt::join(tellable, ", ")));
  }
  Session::Held held = named != nullptr && !named->holder.empty()
                           ? Session::Held{holder.key, "", holder.key, {}}
                           : find(database, connector, holder, stop);
  for (const std::string& kind : kinds) {
    auto found = connector.credentials(kind, held.account, stop);
    if (!found) throw CommandError(ExitCode::failed, describe(found.error()));
    held.credentials.insert(held.credentials.end(), found->begin(), found->end());
  }
  return held;
}

Plan plan_credential(Database& database, const Setup& setup, const Session::Holder& holder, OperationKind act,
                     const std::string& id, std::stop_token stop) {
  Connector& connector = connector_of(setup, holder.platform);
  const CredentialKind& kind = kind_of(connector.capabilities(), holder, act);
  if (act == OperationKind::rotate) check_handover(setup, holder, kind);
  const PlatformState state = Snapshots(database.connection()).platform(database.platform(holder.platform));
  Session::Held held;
  if (kind.own) {
    held = {state.self, "", "the account usher logs in with", {}};
  } else if (holder.key.empty()) {
    refuse("Whose? Give --only KEY.");
  } else {
    held = kind.holder.empty() ? find(database, connector, holder, std::move(stop))
                               : Session::Held{holder.key, "", holder.key, {}};
  }
  if (!kind.own && !state.self.empty() && held.account == state.self) {
    const auto own = kinds_that(connector.capabilities(), [](const auto& one) { return one.own; });
    refuse(fmt::format("{} is the account this program logs in with; its credentials are not touched so.{}",
                       held.label, own.empty() ? "" : " There is --kind " + own.front() + "."));
  }
  Plan plan;
  Change change;
  change.platform = holder.platform;
  change.person = held.person;
  change.account = held.account;
  change.label = held.label;
  change.act = to_string(act);
  change.because = "was asked for";
  Operation operation;
  operation.kind = act;
  operation.platform = holder.platform;
  operation.account = held.account;
  operation.person = held.person;
  operation.label = held.label;
  operation.route = kind.name;
  operation.credential = id;
  operation.id = identity_of(operation);
  plan.changes.push_back(std::move(change));
  plan.operations.push_back(std::move(operation));
  return plan;
}

}  // namespace usher
