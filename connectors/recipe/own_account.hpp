#pragma once

#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/recipe/platform.hpp"

namespace usher::recipe {

/// The account we work as; id empty: nobody can tell, and `remark` says why, if it is news.
struct OwnAccount {
  std::string id, remark;
};
Outcome<OwnAccount> own_account(const RecipePlatform& platform, const std::stop_token& stop);

/// Why the account we work as is not shown everybody; empty: it is, or nobody can tell.
Outcome<std::string> hidden_from(const RecipePlatform& platform, const std::string& self,
                                 const std::stop_token& stop);

/// See Connector::probe.
Outcome<Probe> probe(const RecipePlatform& platform, const std::vector<Entitlement>& entitlements,
                     const std::stop_token& stop);

}  // namespace usher::recipe
