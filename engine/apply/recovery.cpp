#include "engine/apply/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/model/relied_memberships.hpp"
#include "state/store/journal.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"
#include "state/store/owed_takings.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// What was found out of an operation that may have been sent.
struct Settlement {
  OperationOutcome outcome;
  std::optional<Operation> done;  // what is to be remembered of it
  std::string made;               // the account that a create made
  bool may_be_unusable = false;   // a create for somebody who may not log in, of which nobody can be asked
  bool secret_lost = false;       // the platform made a secret with it, and nobody has it
};

/// Settles the operations of one platform by asking it.
class PlatformRecovery {
 public:
  PlatformRecovery(Database& database, Connector& connector, std::string platform, std::stop_token stop)
      : database_(database),
        connector_(connector),
        platform_(std::move(platform)),
        state_(Snapshots(database.connection()).platform(database.platform(platform_))),
        stop_(std::move(stop)) {
    connector.begin_changes();
  }

  /// Why it cannot be settled now, or what became of it.
  tl::expected<Settlement, std::string> settle(const JournalEntry& entry) {
    Operation operation = operation_from_json(json::parse(entry.detail));
    const bool creates = operation.kind == OperationKind::create;
    if (operation.account.empty() && !creates) {  // it follows a create of its run
      if (waiting_.contains({entry.run, entry.person}))
        return tl::unexpected(std::string("it is not known yet whether its account was created"));
      const auto link = Links(database_.connection()).of_person(state_.platform, operation.person);
      if (!link) return failed(entry, "was not done: its account was not created");
      operation.account = link->account;
    }
    if (given_up()) return tl::unexpected(why_given_up_);
    const auto account = read_back(connector_, operation, stop_);
    const bool unsupported = !account && account.error().kind == FailureKind::unsupported;
    if (!account && !unsupported) {
      note_failure(account.error());
      return tl::unexpected(describe(account.error()));
    }
    failures_in_a_row_ = 0;
    const bool took = account && took_effect(operation, *account, connector_.capabilities());
    if (took) return done(entry, operation, *account);
    if (creates && !pulled_since(entry)) {
      waiting_.insert({entry.run, entry.person});
      return tl::unexpected(std::string("whether it was made is known after the next complete pull"));
    }
    return not_seen(entry, operation, unsupported);
  }

 private:
  static Settlement failed(const JournalEntry& entry, std::string why) {
    return {{entry.seq, OperationState::failed, "", std::move(why)}, std::nullopt, "", false, false};
  }

  Settlement not_seen(const JournalEntry& entry, const Operation& operation, bool unsupported) const {
    if (unsupported) {
      Settlement settlement =
          failed(entry, "it may have been done: the platform cannot be asked, the last pull shows it");
      settlement.may_be_unusable = operation.kind == OperationKind::create && !operation.active;
      return settlement;
    }
    const bool known = shows_effect(operation, connector_.capabilities());
    return failed(entry, known ? "was not done: found by reading the account back"
                               : "it is not known whether it was done; what still needs it does it again");
  }

  Settlement done(const JournalEntry& entry, const Operation& operation,
                  const std::optional<Account>& account) {
    Settlement settlement{{entry.seq, OperationState::done, account ? account->id : "",
                           "found done by reading the account back"},
                          operation,
                          "",
                          false,
                          false};
    if (operation.kind != OperationKind::create) return settlement;
    const auto holder = Links(database_.connection())
                            .of_account(state_.platform, database_.fingerprints().of_id(account->id));
    if (holder && holder->person != operation.person)
      return failed(entry,
                    fmt::format("the account '{}' that answers to it is {}'s", account->id, holder->person));
    settlement.made = account->id;
    settlement.secret_lost = connector_.capabilities().answers_secret;
    if (connector_.capabilities().create_has_steps) {
      settlement.outcome.state = OperationState::owed;
      settlement.outcome.message =
          "found made by reading the account back; what makes it whole is done again";
    }
    return settlement;
  }

  /// Whether a sealed pull came so late after the request that a listing that lags shows what it made: before
  /// that, not to be found proves nothing.
  bool pulled_since(const JournalEntry& entry) const {
    if (std::max<std::uint64_t>(entry.written, 1) > state_.writes_read) return false;
    const std::string& ended = entry.ended_at.empty() ? entry.sent_at : entry.ended_at;
    return !is_within(ended, connector_.capabilities().create_lag, state_.started_at);
  }

  bool given_up() const { return !why_given_up_.empty(); }

  /// One account that cannot be read says nothing of the next; a platform that answers nobody is left alone.
  void note_failure(const Failure& failure) {
    constexpr int patience = 3;
    const bool the_platforms =
        failure.kind == FailureKind::unreachable || failure.kind == FailureKind::refused;
    if (the_platforms || ++failures_in_a_row_ >= patience) why_given_up_ = describe(failure);
  }

  Database& database_;
  Connector& connector_;
  const std::string platform_;
  const PlatformState state_;
  const std::stop_token stop_;
  std::set<std::pair<std::int64_t, std::string>> waiting_;  // run and person of creates that are not settled
  int failures_in_a_row_ = 0;
  std::string why_given_up_;
};

void record(Database& database, const JournalEntry& entry, const Settlement& settlement, std::int64_t run) {
  const std::string at = now_text();
  Transaction transaction(database.connection());
  if (settlement.done) remember(database, *settlement.done, at);
  if (!settlement.made.empty())
    record_links(database, entry.platform, {{entry.person, settlement.made, how_created(*settlement.done)}},
                 at);
  if (settlement.may_be_unusable) database.set_fact(fact_of_unusable(entry.platform, entry.person), "1");
  if (settlement.outcome.state == OperationState::failed) {
    const Operation operation = operation_from_json(json::parse(entry.detail));
    if (is_owed_until_done(operation)) OwedTakings(database.connection()).put(operation);
  }
  if (settlement.secret_lost)
    LostSecrets(database.connection()).put({entry.platform, entry.person, settlement.made});
  Journal(database.connection()).mark_ended(entry.run, {&settlement.outcome, 1}, at, run);
  transaction.commit();
}

}  // namespace

AccountQuery query_for(const std::string& account, std::span<const Operation> operations,
                       const Capabilities& capabilities) {
  AccountQuery query{.id = account, .kinds = kinds_of(operations)};
  const bool relied = std::any_of(operations.begin(), operations.end(), [](const Operation& operation) {
    return operation.before.contains(relied_memberships);
  });
  if (relied) {
    query.kinds->clear();
    for (const EntitlementKind& kind : capabilities.entitlements) query.kinds->push_back(kind.name);
    return query;
  }
  const bool whole = std::any_of(query.kinds->begin(), query.kinds->end(), [&](const std::string& name) {
    const EntitlementKind* kind = capabilities.entitlement(name);
    return kind != nullptr && kind->sets;
  });
  if (!whole) query.edges = edges_of_all(operations);
  return query;
}

Outcome<std::optional<Account>> read_back(Connector& connector, const Operation& operation,
                                          std::stop_token stop) {
  AccountQuery query = query_for(operation.account, {&operation, 1}, connector.capabilities());
  if (!query.id.empty()) return connector.read(query, std::move(stop));
  const json key = operation.after.value(connector.capabilities().natural_key, json());
  if (!connector.capabilities().find || !key.is_string()) {
    return tl::unexpected(
        Failure{.kind = FailureKind::unsupported, .message = "an account cannot be found by its key"});
  }
  query.natural_key = key.get<std::string>();
  return connector.read(query, std::move(stop));
}

std::vector<Unsettled> settle(Database& database, const std::map<std::string, Connector*>& connectors,
                              std::int64_t run, std::stop_token stop) {
  Journal journal(database.connection());
  journal.skip_unsent_before(run, now_text());
  std::vector<Unsettled> unsettled;
  std::map<std::string, PlatformRecovery> platforms;
  for (const JournalEntry& entry : journal.uncertain_before(run)) {
    const auto connector = connectors.find(entry.platform);
    if (connector == connectors.end()) {
      record(database, entry,
             {{entry.seq, OperationState::failed, "",
               "its outcome is not known: the platform is no longer configured"},
              std::nullopt,
              "",
              false,
              false},
             run);
      continue;
    }
    auto platform = platforms.find(entry.platform);
    if (platform == platforms.end()) {
      platform =
          platforms.try_emplace(entry.platform, database, *connector->second, entry.platform, stop).first;
    }
    if (const auto settlement = platform->second.settle(entry)) {
      record(database, entry, *settlement, run);
    } else {
      unsettled.push_back(
          {entry.platform, entry.person, entry.account, entry.label, entry.run, settlement.error()});
    }
  }
  return unsettled;
}

}  // namespace usher
