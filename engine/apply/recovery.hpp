#pragma once

#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "state/model/unsettled.hpp"
#include "state/store/database.hpp"

namespace usher {

/// What has to be read of an account to judge these operations of it: only the memberships that they change,
/// and all of a kind where one call sets them all.
AccountQuery query_for(const std::string& account, std::span<const Operation> operations,
                       const Capabilities& capabilities);

/// Reads the account an operation is about, as far as it matters for that: by its id, or for a create by the
/// value of the platform's natural key.
Outcome<std::optional<Account>> read_back(Connector& connector, const Operation& operation,
                                          std::stop_token stop);

/// Closes what earlier runs left open, never by guessing: planned operations were not sent; of those that may
/// have been, the account is read back. A create that reading back does not find is only known not to have
/// happened once a sealed pull came after it. What stays open is returned. No write transaction is open while
/// a platform is asked.
std::vector<Unsettled> settle(Database& database, const std::map<std::string, Connector*>& connectors,
                              std::int64_t run, std::stop_token stop);

}  // namespace usher
