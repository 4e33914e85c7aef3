#pragma once

#include <memory>

#include "connectors/connector.hpp"

namespace usher {

/// A connector around another one: forwards every call. What wraps a connector derives from it and overrides
/// only what it changes. A call that Connector gains and this class does not forward leaves the wrappers
/// abstract, so that they do not compile.
class ConnectorWrapper : public Connector {
 public:
  /// inner: not null.
  explicit ConnectorWrapper(std::unique_ptr<Connector> inner) : inner_(std::move(inner)) {}

  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  std::string signature() const override { return inner_->signature(); }
  bool prove_otherwise() override { return inner_->prove_otherwise(); }
  Outcome<Page> fetch(const std::string& cursor, std::stop_token stop) override {
    return inner_->fetch(cursor, std::move(stop));
  }
  Outcome<Receipt> apply(const Operation& operation, const Secret& first_secret,
                         std::stop_token stop) override {
    return inner_->apply(operation, first_secret, std::move(stop));
  }
  Outcome<Receipt> set_memberships(std::span<const Operation> changes,
                                   const std::vector<std::string>& memberships,
                                   std::stop_token stop) override {
    return inner_->set_memberships(changes, memberships, std::move(stop));
  }
  RequestCost cost(std::span<const Operation* const> operations,
                   const std::vector<Entitlement>& entitlements) const override {
    return inner_->cost(operations, entitlements);
  }
  void begin_changes() override { inner_->begin_changes(); }
  Outcome<Receipt> finish(const Operation& create, const Receipt& made, const Secret& first_secret,
                          std::stop_token stop) override {
    return inner_->finish(create, made, first_secret, std::move(stop));
  }
  Outcome<std::optional<Account>> read(const AccountQuery& query, std::stop_token stop) override {
    return inner_->read(query, std::move(stop));
  }
  Outcome<std::vector<Credential>> credentials(const std::string& kind, const std::string& account,
                                               std::stop_token stop) override {
    return inner_->credentials(kind, account, std::move(stop));
  }
  Outcome<Probe> probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) override {
    return inner_->probe(entitlements, std::move(stop));
  }

 protected:
  Connector& inner() { return *inner_; }

 private:
  const std::unique_ptr<Connector> inner_;
};

}  // namespace usher
