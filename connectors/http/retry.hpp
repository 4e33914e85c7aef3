#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "connectors/connector_wrapper.hpp"
#include "connectors/http/clock.hpp"
#include "connectors/http/patience.hpp"
#include "connectors/observer.hpp"

namespace usher::http {

/// How often and how long apart a call is tried again.
struct RetryPolicy {
  int attempts = 5;                     ///< the first one included
  std::chrono::milliseconds base{500};  ///< ceiling of the first wait; it doubles with each attempt
  std::chrono::milliseconds throttled_base{2000};  ///< the same after a 429
  std::chrono::milliseconds ceiling{60'000};
};

/// How long to wait before trying again: full jitter, that is anything between nothing and an exponentially
/// growing ceiling. What the platform asked for is a floor that no ceiling lowers.
/// attempt: 1 after the first try. random: in [0, 1).
std::chrono::milliseconds delay(int attempt, FailureKind kind,
                                std::optional<std::chrono::milliseconds> retry_after, double random,
                                const RetryPolicy& policy);

/// Whether a read that failed so may pass by itself. A malformed reply is tried only once more: it is a cut
/// one, or the platform always answers so.
bool passes(const Failure& failure, int tries);
/// Whether a write that failed so surely did not happen and is worth another try.
bool surely_not_happened(const Failure& failure, int tries);

/// A connector that tries again: fetch and read whenever the failure may pass, apply only when the platform
/// surely did not act. Any other unknown outcome is the caller's to settle by reading. Each repetition is
/// told. Where the platform asks for a wait that is longer than the run may wait, the call fails as stopped,
/// with retry_after: it is for the next run.
class Retrying final : public ConnectorWrapper {
 public:
  /// random: answers numbers in [0, 1), from any thread. The clock must outlive this.
  Retrying(std::unique_ptr<Connector> inner, RetryPolicy policy, Clock& clock, std::function<double()> random,
           Patience patience = {}, PlatformWatch watch = {});

  Outcome<Page> fetch(const std::string& cursor, std::stop_token stop) override;
  Outcome<Receipt> apply(const Operation& operation, const Secret& first_secret,
                         std::stop_token stop) override;
  Outcome<Receipt> set_memberships(std::span<const Operation> changes,
                                   const std::vector<std::string>& memberships,
                                   std::stop_token stop) override;
  Outcome<Receipt> finish(const Operation& create, const Receipt& made, const Secret& first_secret,
                          std::stop_token stop) override;
  Outcome<std::optional<Account>> read(const AccountQuery& query, std::stop_token stop) override;
  Outcome<std::vector<Credential>> credentials(const std::string& kind, const std::string& account,
                                               std::stop_token stop) override;
  Outcome<Probe> probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) override;

 private:
  template <class Attempt, class Again>
  auto retry(Attempt attempt, Again again, const std::stop_token& stop) -> decltype(attempt());

  RetryPolicy policy_;
  Clock& clock_;
  std::function<double()> random_;
  const Patience patience_;
  const PlatformWatch watch_;
};

}  // namespace usher::http
