#pragma once

#include <string>
#include <vector>

#include "state/model/link_origin.hpp"
#include "state/model/operation.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Remembers what an operation that is done means for later: that an account is locked, is not any more, or
/// is gone, and whose secret is known again. Joins the caller's transaction.
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

/// A pair that was not recorded, and why.
struct RefusedLink {
  Pair pair;
  std::string why;
};

/// Records whose accounts these are: the links, and the wanted rows under the accounts' keys from now on. All
/// of one platform at once: many are much cheaper than one after the other. Joins the caller's transaction.
/// Answers the pairs whose account is linked to somebody else already: these are left as they were.
std::vector<RefusedLink> record_links(Database& database, const std::string& platform,
                                      const std::vector<Pair>& pairs, const std::string& at);

/// Ends the link of an account that is no more; `why` stands in the state. Nothing happens for an account
/// without one. Joins the caller's transaction.
void end_link(Database& database, const std::string& platform, const std::string& account,
              const std::string& why, const std::string& at);

}  // namespace usher
