#pragma once

#include <string>
#include <vector>

#include "connectors/recipe/call_writer.hpp"

namespace usher::recipe {

/// Tells, renews and revokes the credentials of accounts. Threads: any number. What it is made of must
/// outlive it.
class RecipeCredentials {
 public:
  RecipeCredentials(const RecipePlatform& platform, AccountLookup& lookup, const CallWriter& calls)
      : platform_(platform), lookup_(lookup), calls_(calls) {}

  /// Whether those of an account can be told.
  bool can_list(const std::string& kind) const;
  /// See Connector::credentials. REQUIRES: can_list(kind).
  Outcome<std::vector<Credential>> list(const std::string& kind, const std::string& account,
                                        const std::stop_token& stop) const;
  Outcome<Receipt> revoke(const std::string& kind, const Operation& operation,
                          const std::stop_token& stop) const;
  /// secret: what the new one is to be, where this program makes it.
  Outcome<Receipt> rotate(const std::string& kind, const Operation& operation, const Secret& secret,
                          const std::stop_token& stop) const;

 private:
  const RecipePlatform& platform_;
  AccountLookup& lookup_;
  const CallWriter& calls_;
};

}  // namespace usher::recipe
