#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "connectors/connector.hpp"
#include "state/store/database.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// Whether an account, as it was just read, shows that an operation took effect.
bool took_effect(const Operation& operation, const std::optional<Account>& account);

/// Reads the account an operation is about: by its id, or for a create by the value of the platform's natural
/// key.
Outcome<std::optional<Account>> read_back(Connector& connector, const Operation& operation,
                                          std::stop_token stop);

/// Records that a person has an account: the link, and the wanted row under the account's key from now on.
/// Joins the caller's transaction.
void record_link(Database& database, PlatformId platform, const std::string& person,
                 const std::string& account, const std::string& how, const std::string& at);

/// Closes what earlier runs left open, never by guessing: planned operations were not sent; of those that may
/// have been, the account is read back. Platforms that cannot be read stay open and are returned with the
/// reason.
std::map<std::string, std::string> settle(Database& database,
                                          const std::map<std::string, Connector*>& connectors,
                                          std::int64_t run, std::stop_token stop);

}  // namespace usher
