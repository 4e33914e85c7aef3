#pragma once

#include <string>
#include <vector>

#include "engine/workspace/workspace.hpp"
#include "state/store/database.hpp"

namespace usher {

// Whose an account is, said by a person: what the rules and the sources cannot tell. Writes join the caller's
// transaction; the next plan evaluates everybody anew. Throw CommandError(usage), with what to do instead,
// where somebody or something is not known or an account would be taken from somebody else.

/// An account and whose it is by now.
struct Relinked {
  std::string platform;
  std::string account;
  std::string person;  ///< empty: nobody's
  std::string was;     ///< whose it was; empty: nobody's
};

/// One person under two keys.
struct NewKey {
  std::string before, now;
};

/// account: the id of an account of the last pull.
Relinked link_account(Database& database, const Workspace& setup, const std::string& person,
                      const std::string& account, const std::string& platform);
Relinked unlink_account(Database& database, const Workspace& setup, const std::string& person,
                        const std::string& platform);
/// Hands on what somebody has on every platform to the key that is declared now. All of it or nothing.
std::vector<Relinked> relink_people(Database& database, const std::vector<NewKey>& people);

/// What stands in the journal of it, JSON.
std::string summary_of(const std::vector<Relinked>& accounts);

}  // namespace usher
