#include "connectors/connector_wrapper.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "connectors/http/retry.hpp"
#include "connectors/redacting.hpp"

// A wrapper answers every call as the connector inside it does, unless it says otherwise.
namespace usher {
namespace {

/// Answers every call with something that no default answers.
class Telling final : public Connector {
 public:
  Telling() { capabilities_.natural_key = "login"; }
  const Capabilities& capabilities() const override { return capabilities_; }
  std::string signature() const override { return "signature"; }
  bool prove_otherwise() override { return true; }
  Outcome<Page> fetch(const std::string& cursor, std::stop_token) override {
    Page page;
    page.listing = "after " + cursor;
    return page;
  }
  Outcome<Receipt> apply(const Operation& operation, const Secret& secret, std::stop_token) override {
    return Receipt{.account = operation.account + secret.reveal()};
  }
  Outcome<Receipt> set_memberships(std::span<const Operation> changes,
                                   const std::vector<std::string>& memberships, std::stop_token) override {
    return Receipt{.account = changes.front().account + memberships.front()};
  }
  RequestCost cost(std::span<const Operation* const> operations,
                   const std::vector<Entitlement>& entitlements) const override {
    return {10 * operations.size() + entitlements.size(), 0, 0};
  }
  void begin_changes() override { capabilities_.label = "begun"; }
  Outcome<Receipt> finish(const Operation&, const Receipt& made, const Secret& secret,
                          std::stop_token) override {
    return Receipt{.account = made.account + secret.reveal(), .unfinished = true};
  }
  Outcome<std::optional<Account>> read(const AccountQuery& query, std::stop_token) override {
    Account account;
    account.id = query.id;
    return account;
  }
  Outcome<std::vector<Credential>> credentials(const std::string& kind, const std::string& account,
                                               std::stop_token) override {
    return std::vector<Credential>{{.kind = kind, .id = account, .name = {}, .expires = {}}};
  }
  Outcome<Probe> probe(const std::vector<Entitlement>& entitlements, std::stop_token) override {
    return Probe{.self = "of " + std::to_string(entitlements.size()),
                 .hidden = "hidden",
                 .date = {},
                 .permissions = {}};
  }

 private:
  Capabilities capabilities_;
};

// A call that a wrapper does not forward must not compile.
static_assert(std::is_abstract_v<Connector> && std::is_abstract_v<PlainConnector>);
static_assert(!std::is_abstract_v<ConnectorWrapper>);

void expect_all_forwarded(Connector& outer) {
  Operation operation;
  operation.account = "7";
  EXPECT_EQ(outer.capabilities().natural_key, "login");
  EXPECT_EQ(outer.signature(), "signature");
  EXPECT_TRUE(outer.prove_otherwise());
  EXPECT_EQ(outer.fetch("5", {})->listing, "after 5");
  EXPECT_EQ(outer.apply(operation, Secret("+s"), {})->account, "7+s");
  EXPECT_EQ(outer.set_memberships({&operation, 1}, {"+g"}, {})->account, "7+g");
  const Operation* const operations[] = {&operation, &operation};
  EXPECT_EQ(outer.cost(operations, {Entitlement{}}).requests, 21U);
  outer.begin_changes();
  EXPECT_EQ(outer.capabilities().label, "begun");
  const auto finished = outer.finish(operation, Receipt{.account = "8"}, Secret("+t"), {});
  EXPECT_EQ(finished->account, "8+t");
  EXPECT_TRUE(finished->unfinished);
  const auto account = outer.read({.id = "9"}, {});
  ASSERT_TRUE(account && *account);
  EXPECT_EQ((*account)->id, "9");
  const auto credentials = outer.credentials("token", "9", {});
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->front().id, "9");
  const auto probe = outer.probe({Entitlement{}}, {});
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->self, "of 1");
  EXPECT_EQ(probe->hidden, "hidden");
}

TEST(ConnectorWrapper, ForwardsEveryCall) {
  ConnectorWrapper wrapper(std::make_unique<Telling>());
  expect_all_forwarded(wrapper);
}

TEST(ConnectorWrapper, ForwardsEveryCallOfThoseThatRetryAndRedact) {
  auto retrying = std::make_unique<http::Retrying>(std::make_unique<Telling>(), http::RetryPolicy{},
                                                   http::system_clock(), [] { return 0.5; });
  Redacting wrapper(std::move(retrying), std::make_shared<Redactor>());
  expect_all_forwarded(wrapper);
}

}  // namespace
}  // namespace usher
