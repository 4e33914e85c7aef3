#include "state/model/effect.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace usher {
namespace {

using nlohmann::json;

class Effect : public testing::Test {
 protected:
  Effect() {
    Attribute mail{.path = "mail"};
    mail.normalise.lower = true;
    Attribute pin{.path = "pin"};
    pin.readable = false;
    can.schema.attributes = {mail, pin};
    EntitlementKind team{.name = "team", .details = {"list", "write"}};
    team.closure = [](std::vector<std::string> asked) {
      asked.insert(asked.begin(), "list");
      return asked;
    };
    can.entitlements = {team};
    account.attributes = R"({"mail":"ada@example.com"})";
    account.memberships = R"({"team":{"9":["list","write"]}})";
  }
  static Operation update(json after) {
    Operation operation;
    operation.kind = OperationKind::update;
    operation.after = std::move(after);
    return operation;
  }
  Capabilities can;
  Account account;
};

TEST_F(Effect, ComparesWithWhatThePlatformMakesOfAValue) {
  EXPECT_TRUE(took_effect(update({{"mail", "Ada@Example.com"}}), account, can));
  EXPECT_FALSE(took_effect(update({{"mail", "bob@example.com"}}), account, can));
}

// What a pull does not answer can be neither so nor otherwise.
TEST_F(Effect, IsNotShownOfWhatNobodyCanRead) {
  const Operation operation = update({{"mail", "ada@example.com"}, {"pin", "1234"}});
  EXPECT_FALSE(shows_effect(operation, can));
  EXPECT_FALSE(took_effect(operation, account, can));
}

TEST_F(Effect, ComparesWithTheDetailsAPlatformAdds) {
  Operation operation;
  operation.kind = OperationKind::add_membership;
  operation.membership = {"1", "team", "9", {"write"}};
  EXPECT_TRUE(took_effect(operation, account, can));
  operation.membership.entitlement = "8";
  EXPECT_FALSE(took_effect(operation, account, can));
  operation.kind = OperationKind::remove_membership;
  EXPECT_TRUE(took_effect(operation, account, can));
}

// What is expected of an operation and what is compared with it are one thing.
TEST_F(Effect, AsItIsExpectedIsAsItIsCompared) {
  std::vector<Operation> operations = {update({{"mail", "Bob@Example.com"}, {"name.first", "Bob"}}),
                                       update({{"mail", nullptr}})};
  for (const OperationKind kind : {OperationKind::enable, OperationKind::disable,
                                   OperationKind::add_membership, OperationKind::remove_membership}) {
    operations.emplace_back().kind = kind;
    operations.back().membership = {
        "1", "team", kind == OperationKind::remove_membership ? "9" : "8", {"write"}};
  }
  for (const Operation& operation : operations) {
    Account after = account;
    after.active = operation.kind != OperationKind::enable;
    EXPECT_FALSE(took_effect(operation, after, can)) << to_string(operation.kind);
    apply_effect(operation, after, can);
    EXPECT_TRUE(took_effect(operation, after, can)) << to_string(operation.kind) << after.attributes;
  }
  Account hidden = account;
  apply_effect(update({{"pin", "1234"}}), hidden, can);
  EXPECT_EQ(hidden.attributes, account.attributes);
}

}  // namespace
}  // namespace usher
