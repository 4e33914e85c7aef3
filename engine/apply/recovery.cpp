#include "engine/apply/recovery.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/store/journal.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// Whether a complete pull of the platform began so late that it shows what this create made, or that it made
/// nothing.
bool shown_by_a_pull(Database& database, const Connector& connector, const JournalEntry& create) {
  const PlatformState state = Snapshots(database.connection()).platform(database.platform(create.platform));
  const std::string& ended = create.ended_at.empty() ? create.sent_at : create.ended_at;
  const auto lag = connector.capabilities().create_lag.count();
  const std::string shown = lag == 0 ? ended : text_of(seconds_of(ended) + 1 + lag);
  return state.sealed && state.started_at >= shown;
}

/// What became of an operation that may have been sent; nullopt when the platform cannot be read, and why.
tl::expected<OperationOutcome, std::string> settle_one(Database& database, Connector& connector,
                                                       const JournalEntry& entry, std::stop_token stop) {
  Operation operation = operation_from_json(json::parse(entry.detail));
  if (operation.account.empty() &&
      operation.kind != OperationKind::create) {  // it follows a create of its run
    const auto link =
        Links(database.connection()).of_person(database.platform(operation.platform), operation.person);
    if (!link)
      return OperationOutcome{entry.seq, OperationState::failed, "",
                              "was not done: its account was not created"};
    operation.account = link->account;
  }
  const auto account = read_back(connector, operation, std::move(stop));
  // To be found proves something; not to be found, so soon after a create, does not.
  if (operation.kind == OperationKind::create && !(account && *account) &&
      !shown_by_a_pull(database, connector, entry)) {
    return OperationOutcome{
        entry.seq, OperationState::unknown, "",
        "it may have been done: a complete pull that begins later shows the account or its "
        "absence"};
  }
  if (!account && account.error().kind == FailureKind::unsupported) {
    if (operation.kind == OperationKind::create && !operation.active)
      database.set_fact(fact_of_unusable(operation.platform, operation.person), "1");
    return OperationOutcome{entry.seq, OperationState::failed, "",
                            "it may have been done: the platform cannot be asked, the next pull shows it"};
  }
  if (!account) return tl::unexpected(describe(account.error()));
  if (!took_effect(operation, *account, connector.capabilities())) {
    const bool known = shows_effect(operation, connector.capabilities());
    return OperationOutcome{entry.seq, OperationState::failed, "",
                            known ? "was not done: found by reading the account back"
                                  : "it is not known whether it was done; what still needs it does it again"};
  }
  remember(database, operation, now_text());
  if (operation.kind == OperationKind::create) {
    const auto refused =
        record_links(database, operation.platform,
                     {{operation.person, (*account)->id, how_created(operation)}}, now_text());
    if (!refused.empty()) return OperationOutcome{entry.seq, OperationState::failed, "", refused.front().why};
    if (connector.capabilities().answers_secret)
      LostSecrets(database.connection()).put({operation.platform, operation.person, (*account)->id});
    if (connector.capabilities().create_has_steps) {
      return OperationOutcome{entry.seq, OperationState::owed, (*account)->id,
                              "found made by reading the account back; what makes it whole is done again"};
    }
  }
  return OperationOutcome{entry.seq, OperationState::done, *account ? (*account)->id : "",
                          "found done by reading the account back"};
}

}  // namespace

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

std::map<std::string, std::string> settle(Database& database,
                                          const std::map<std::string, Connector*>& connectors,
                                          std::int64_t run, std::stop_token stop) {
  Journal journal(database.connection());
  std::map<std::string, std::string> unreadable;
  for (const JournalEntry& entry : journal.open_before(run)) {
    OperationOutcome ending{entry.seq, OperationState::skipped, "", "the run ended before it was sent"};
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
    journal.mark_ended(entry.run, std::vector<OperationOutcome>{ending}, now_text());
    transaction.commit();
  }
  return unreadable;
}

}  // namespace usher
