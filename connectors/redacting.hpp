#pragma once

#include <memory>

#include "connectors/connector_wrapper.hpp"
#include "connectors/redactor.hpp"

namespace usher {

/// A connector whose failures and bad records hold no secret: what the outermost of the wrappers of a
/// platform does with every text that leaves it. It learns first secrets before they are sent and those that
/// the platform made when they are answered. Accounts and entitlements are data and are left as they are.
class Redacting final : public ConnectorWrapper {
 public:
  Redacting(std::unique_ptr<Connector> inner, std::shared_ptr<Redactor> redactor)
      : ConnectorWrapper(std::move(inner)), redactor_(std::move(redactor)) {}

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
  template <class T>
  Outcome<T> cleaned(Outcome<T> outcome) const {
    if (outcome) return outcome;
    return tl::unexpected(redactor_->clean(std::move(outcome.error())));
  }

  std::shared_ptr<Redactor> redactor_;
};

}  // namespace usher
