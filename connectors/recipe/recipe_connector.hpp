#pragma once

#include <memory>

#include "connectors/connector.hpp"
#include "connectors/recipe/own_account.hpp"
#include "connectors/recipe/reader.hpp"
#include "connectors/recipe/request_counter.hpp"
#include "connectors/recipe/writer.hpp"

namespace usher::recipe {

/// Speaks to the platform a recipe describes: a reader, a writer and a look-up over one platform.
class RecipeConnector final : public PlainConnector {
 public:
  /// The transport carries authenticated requests; the clock must outlive this.
  RecipeConnector(std::unique_ptr<const RequestRunner> caller, std::unique_ptr<http::Transport> transport,
                  http::Clock& clock)
      : platform_(std::move(caller), std::move(transport), clock) {}

  const Capabilities& capabilities() const override { return platform_.capabilities(); }
  std::string signature() const override { return platform_.signature(); }
  bool prove_otherwise() override { return reader_.prove_otherwise(); }
  Outcome<Page> fetch(const std::string& cursor, std::stop_token stop) override {
    if (cursor.empty()) end_changes();
    return reader_.fetch(cursor, stop);
  }
  Outcome<Receipt> apply(const Operation& operation, const Secret& first_secret,
                         std::stop_token stop) override {
    return writer_.apply(operation, first_secret, stop);
  }
  Outcome<Receipt> set_memberships(std::span<const Operation> changes,
                                   const std::vector<std::string>& memberships,
                                   std::stop_token stop) override {
    return writer_.set_memberships(changes, memberships, stop);
  }
  RequestCost cost(std::span<const Operation* const> operations,
                   const std::vector<Entitlement>& entitlements) const override {
    return cost_of(platform_.recipe(), operations, entitlements);
  }
  void begin_changes() override { writer_.begin_changes(); }
  Outcome<Receipt> finish(const Operation& create, const Receipt& made, const Secret& secret,
                          std::stop_token stop) override {
    return writer_.finish(create, made, secret, stop);
  }
  Outcome<std::optional<Account>> read(const AccountQuery& query, std::stop_token stop) override {
    return lookup_.read(query, stop);
  }
  Outcome<std::vector<Credential>> credentials(const std::string& kind, const std::string& account,
                                               std::stop_token stop) override {
    const RecipeCredentials& credentials = writer_.credentials();
    return credentials.can_list(kind) ? credentials.list(kind, account, stop)
                                      : PlainConnector::credentials(kind, account, stop);
  }
  Outcome<Probe> probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) override {
    return recipe::probe(platform_, entitlements, stop);
  }

 private:
  void end_changes() {
    memberships_.begin_changes(false);
    lookup_.objects_read().begin(false);
  }

  // Each uses those above it.
  const RecipePlatform platform_;
  const AccountObjects objects_{platform_};
  MembershipReader memberships_{platform_};
  AccountLookup lookup_{platform_, objects_, memberships_};
  const RecipeWriter writer_{platform_, lookup_, memberships_};
  RecipeReader reader_{platform_, objects_, lookup_, memberships_};
};

}  // namespace usher::recipe
