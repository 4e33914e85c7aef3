#pragma once

#include <string>
#include <vector>

#include "engine/answers/history.hpp"
#include "engine/answers/inquiry.hpp"
#include "engine/answers/whom.hpp"

namespace usher {

/// An account as it was at some time.
struct AccountThen {
  std::string platform, account, label;
  std::string person;  ///< who is linked to it today
  bool active = true;
  std::vector<std::string> memberships;  ///< by name
  std::string attributes;                ///< JSON
  std::string seen;                      ///< when the pull ended that says so
};

/// A moment as a person writes it: RFC 3339, or a day, which is its beginning in UTC. As times are stored.
/// Throws CommandError(usage) for anything else.
std::string moment_of(const std::string& text);

/// The accounts of the platforms that people have accounts on, as the last pull before that moment saw them.
/// Throws CommandError(failed) when the state does not reach back so far. on: only there; empty: everywhere.
std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::string& moment, const std::string& on);
/// Of these, the ones in any of the entitlements.
std::vector<AccountThen> members_at(Inquiry& inquiry, const std::string& moment,
                                    const std::vector<std::pair<std::string, Entitlement>>& entitlements);
/// Of these, the ones of somebody.
std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::string& moment, const Whom& whom);

/// What differs between two moments, by platform and account: `at`, `run` and reasons are empty.
std::vector<HistoryEntry> changes_between(Inquiry& inquiry, const std::string& from, const std::string& to,
                                          const std::string& on);

}  // namespace usher
