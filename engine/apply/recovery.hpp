#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "state/store/database.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// Whether an account, as it was just read, shows that an operation took effect.
bool took_effect(const Operation& operation, const std::optional<Account>& account,
                 const Capabilities& capabilities);

/// Whether an account can show that at all: no platform tells which password it holds.
bool shows_effect(const Operation& operation, const Capabilities& capabilities);

/// Reads the account an operation is about, as far as it matters for that: by its id, or for a create by the
/// value of the platform's natural key.
Outcome<std::optional<Account>> read_back(Connector& connector, const Operation& operation,
                                          std::stop_token stop);

/// Whether the account reads as a locked one does, as far as the platform shows that.
bool looks_locked(const Account& account, const Capabilities& capabilities);

/// Remembers what an operation that is done means for later: that an account is locked, or is not any more.
/// Joins the caller's transaction.
void remember(Database& database, const Operation& operation, const std::string& at);

/// A person and the account that is theirs from now on.
struct Pair {
  std::string person;
  std::string account;
  std::string how;  ///< "created", "matched credentials.identity"
};

/// What a link says of an account that was made for somebody who may not log in.
inline constexpr const char* created_unusable = "created disabled";

/// The fact that an account like that may have been made for this person, and that nobody could be asked.
std::string fact_of_unusable(const std::string& platform, const std::string& person);

/// How a link came about that follows from this create.
std::string how_created(const Operation& operation);

/// Records whose accounts these are: the links, and the wanted rows under the accounts' keys from now on. All
/// of one platform at once: many are much cheaper than one after the other. Joins the caller's transaction.
void record_links(Database& database, const std::string& platform, const std::vector<Pair>& pairs,
                  const std::string& at);

/// Closes what earlier runs left open, never by guessing: planned operations were not sent; of those that may
/// have been, the account is read back. Platforms that cannot be read stay open and are returned with the
/// reason.
std::map<std::string, std::string> settle(Database& database,
                                          const std::map<std::string, Connector*>& connectors,
                                          std::int64_t run, std::stop_token stop);

}  // namespace usher
