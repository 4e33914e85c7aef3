#include "connectors/http/retry.hpp"

#include <algorithm>

namespace usher::http {

std::chrono::milliseconds delay(int attempt, FailureKind kind,
                                std::optional<std::chrono::milliseconds> retry_after, double random,
                                const RetryPolicy& policy) {
  const auto base = kind == FailureKind::throttled ? policy.throttled_base : policy.base;
  std::chrono::milliseconds ceiling = base;
  for (int i = 1; i < attempt && ceiling < policy.ceiling; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, policy.ceiling);
  const std::chrono::milliseconds jitter(
      static_cast<std::int64_t>(random * static_cast<double>(ceiling.count())));
  // The floor keeps its jitter on top, or all workers would come back in the same instant.
  return retry_after ? *retry_after + std::min(jitter, std::chrono::milliseconds(1000)) : jitter;
}

bool passes(const Failure& failure, int tries) {
  return may_pass(failure.kind) || (failure.kind == FailureKind::malformed && tries == 1);
}

bool surely_not_happened(const Failure& failure, int tries) {
  return !failure.may_have_happened && passes(failure, tries);
}

Retrying::Retrying(std::unique_ptr<Connector> inner, RetryPolicy policy, Clock& clock,
                   std::function<double()> random, Patience patience, PlatformWatch watch)
    : ConnectorWrapper(std::move(inner)),
      policy_(policy),
      clock_(clock),
      random_(std::move(random)),
      patience_(patience),
      watch_(std::move(watch)) {}

namespace {

/// The failure of a call that is left for the next run.
Failure postponed(Failure failure, std::chrono::milliseconds wait) {
  failure.message += (failure.message.empty() ? "" : "; ") + std::string("the platform asks to wait ") +
                     std::to_string(std::chrono::ceil<std::chrono::seconds>(wait).count()) +
                     " s, longer than this run may: left for the next run";
  failure.kind = FailureKind::stopped;
  failure.retry_after = wait;
  return failure;
}

}  // namespace

template <class Attempt, class Again>
auto Retrying::retry(Attempt attempt, Again again, const std::stop_token& stop) -> decltype(attempt()) {
  for (int tries = 1;; ++tries) {
    auto outcome = attempt();
    if (outcome || tries >= policy_.attempts || !again(outcome.error(), tries)) return outcome;
    const Failure& failure = outcome.error();
    const auto wait = delay(tries, failure.kind, failure.retry_after, random_(), policy_);
    if (!patience_.allows(wait, clock_.now())) {
      if (!failure.retry_after) return outcome;
      watch_.tell({.kind = PlatformEvent::Kind::given_up, .time = wait}, failure);
      outcome.error() = postponed(std::move(outcome.error()), wait);
      return outcome;
    }
    watch_.tell({.kind = PlatformEvent::Kind::retry, .time = wait, .attempt = tries + 1}, failure);
    if (!clock_.sleep(wait, stop)) return outcome;
  }
}

Outcome<Page> Retrying::fetch(const std::string& cursor, std::stop_token stop) {
  return retry([&] { return inner().fetch(cursor, stop); }, passes, stop);
}

Outcome<Receipt> Retrying::apply(const Operation& operation, const Secret& first_secret,
                                 std::stop_token stop) {
  return retry([&] { return inner().apply(operation, first_secret, stop); }, surely_not_happened, stop);
}

Outcome<Receipt> Retrying::set_memberships(std::span<const Operation> changes,
                                           const std::vector<std::string>& memberships,
                                           std::stop_token stop) {
  return retry([&] { return inner().set_memberships(changes, memberships, stop); }, surely_not_happened,
               stop);
}

Outcome<Receipt> Retrying::finish(const Operation& create, const Receipt& made, const Secret& first_secret,
                                  std::stop_token stop) {
  return retry([&] { return inner().finish(create, made, first_secret, stop); }, surely_not_happened, stop);
}

Outcome<std::optional<Account>> Retrying::read(const AccountQuery& query, std::stop_token stop) {
  return retry([&] { return inner().read(query, stop); }, passes, stop);
}

Outcome<std::vector<Credential>> Retrying::credentials(const std::string& kind, const std::string& account,
                                                       std::stop_token stop) {
  return retry([&] { return inner().credentials(kind, account, stop); }, passes, stop);
}

Outcome<Probe> Retrying::probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) {
  return retry([&] { return inner().probe(entitlements, stop); }, passes, stop);
}

}  // namespace usher::http
