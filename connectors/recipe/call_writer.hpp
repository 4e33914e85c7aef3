#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "connectors/connector.hpp"
#include "connectors/recipe/lookup.hpp"
#include "connectors/recipe/platform.hpp"

namespace usher::recipe {

/// An object as the platform holds it now, and its ETag; empty: it has none.
struct FreshObject {
  nlohmann::json object;
  std::string etag;
};

/// Sends one call that writes, and settles what it did. Threads: any number. What it is made of must outlive
/// it.
class CallWriter {
 public:
  CallWriter(const RecipePlatform& platform, AccountLookup& lookup, const MembershipReader& memberships)
      : platform_(platform), lookup_(lookup), memberships_(memberships) {}

  /// A refusal that only says it was so already is no failure.
  Outcome<Receipt> write(const Call& call, Scope& scope, WriteRequest payload, const Operation& operation,
                         const std::stop_token& stop) const;
  /// One call whose reply may hold secrets: JSON, or null when it holds none.
  Outcome<nlohmann::json> ask(const Call& call, Scope& scope, const Secret& secret,
                              const std::stop_token& stop) const;
  Outcome<FreshObject> fresh(const std::string& account, const std::stop_token& stop) const;
  /// Nobody can tell what a write did: reads the account and compares.
  Outcome<Receipt> settle(const Operation& operation, Failure doubt, const std::stop_token& stop) const;

 private:
  const RecipePlatform& platform_;
  AccountLookup& lookup_;
  const MembershipReader& memberships_;
};

}  // namespace usher::recipe
