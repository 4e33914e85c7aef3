#include "engine/apply/owed.hpp"

#include <nlohmann/json.hpp>

#include "engine/apply/first_secrets.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// The calls after a create, once more.
OperationOutcome finish(const JournalEntry& entry, const Operation& create, const ExecuteTarget& target,
                        SecretSpool& spool, const std::stop_token& stop) {
  FirstSecrets secrets(entry.platform, target.rules->first_secret, target.connector->capabilities().secrets,
                       spool);
  Secret secret;
  if (target.connector->capabilities().first_secret) {
    auto made = secrets.make(create);
    if (!made) return {entry.seq, OperationState::owed, "", made.error()};
    secret = std::move(*made);
  }
  const auto whole = target.connector->finish(create, {.account = entry.account}, secret, stop);
  if (!whole && whole.error().kind == FailureKind::gone) {
    secrets.refused(create);
    return {entry.seq, OperationState::failed, "", "the account is gone: " + describe(whole.error())};
  }
  if (!whole) return {entry.seq, OperationState::owed, "", describe(whole.error())};
  if (!secret.empty()) secrets.used(create, entry.account);
  OperationOutcome ending{entry.seq, OperationState::done, "", "finished by a later run"};
  if (whole->secret.empty()) return ending;
  if (std::string lost = secrets.answered(create, entry.account, whole->secret); !lost.empty()) {
    ending.message = std::move(lost);
    ending.secret_lost = true;
  }
  return ending;
}

bool still_open(Database& database, const std::string& operation) {
  const StatementLoan select = database.connection().statement(
      "select 1 from journal where state in ('planned', 'sent', 'unknown', 'owed') and operation = ?1 limit "
      "1");
  return select->bind(operation).step();
}

void decide(Database& database, SecretSpool& spool, const SpooledSecret& secret) {
  if (secret.due || still_open(database, secret.operation)) return;
  if (!secret.account.empty()) return spool.mark_due(secret.operation, secret.account);
  const auto link = Links(database.connection()).of_person(database.platform(secret.platform), secret.person);
  if (link && link->since >= secret.made_at) return spool.mark_due(secret.operation, link->account);
  spool.drop({secret.operation});
}

}  // namespace

std::vector<OperationReport> do_what_is_owed(Database& database, SecretSpool& spool,
                                             const std::map<std::string, ExecuteTarget>& targets,
                                             std::int64_t run, std::stop_token stop) {
  std::vector<OperationReport> open;
  Journal journal(database.connection());
  for (const JournalEntry& entry : journal.owed()) {
    const auto target = targets.find(entry.platform);
    const Operation create = operation_from_json(json::parse(entry.detail));
    if (target == targets.end() || stop.stop_requested()) {
      open.push_back({create, OperationState::owed, entry.message});
      continue;
    }
    const OperationOutcome ending = finish(entry, create, target->second, spool, stop);
    Transaction transaction(database.connection());
    if (ending.secret_lost)
      LostSecrets(database.connection()).put({entry.platform, create.person, entry.account});
    journal.mark_ended(entry.run, {&ending, 1}, now_text(), run);
    transaction.commit();
    if (ending.state != OperationState::done) open.push_back({create, ending.state, ending.message});
  }
  for (const auto& [platform, target] : targets) {
    for (const SpooledSecret& secret : spool.of_platform(platform)) decide(database, spool, secret);
    FirstSecrets(platform, target.rules->first_secret, target.connector->capabilities().secrets, spool)
        .hand_over();
  }
  return open;
}

}  // namespace usher
