#pragma once

#include <string>
#include <vector>

#include "state/model/link_origin.hpp"
#include "state/model/operation.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Remembers what an operation that is done means for later: that an account is locked, or is not any more.
/// Joins the caller's transaction.
void remember(Database& database, const Operation& operation, const std::string& at);

/// A person and the account that is theirs from now on.
struct Pair {
  std::string person;
  std::string account;
  LinkOrigin how;
  std::string from = {};  ///< the key of the person who had the account until now; empty: nobody
};

/// The fact that an account like that may have been made for this person, and that nobody could be asked.
std::string fact_of_unusable(const std::string& platform, const std::string& person);

/// How a link came about that follows from this create.
LinkOrigin how_created(const Operation& operation);

/// Records whose accounts these are: the links, and the wanted rows under the accounts' keys from now on. All
/// of one platform at once: many are much cheaper than one after the other. Joins the caller's transaction.
void record_links(Database& database, const std::string& platform, const std::vector<Pair>& pairs,
                  const std::string& at);

}  // namespace usher
