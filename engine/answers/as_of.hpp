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
  std::string seen;                      ///< when the pull ended that says so
};

/// Reads a time that a person wrote, "2026-03-01T12:30:00Z" or "2026-03-01" for the beginning of that day in
/// UTC, and writes it as the state keeps times: RFC 3339 with milliseconds, so that two compare as texts.
/// Throws CommandError(usage) for anything else and for a day or time that does not exist.
std::string moment_of(const std::string& text);

/// All accounts as the last pull of their platform before that moment saw them, without the records of
/// sources. on: of this platform; empty: of all. Throws CommandError(failed) when the state does not reach
/// back so far.
std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::string& moment, const std::string& on);
/// The accounts that were in any of these entitlements (platform and entitlement); otherwise like
/// accounts_at().
std::vector<AccountThen> members_at(Inquiry& inquiry, const std::string& moment,
                                    const std::vector<std::pair<std::string, Entitlement>>& entitlements);
/// The accounts of one person, or the one account that is nobody's; otherwise like accounts_at().
std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::string& moment, const Whom& whom);

/// How accounts and memberships differ between two moments, sorted by platform and label. `at`, `run` and the
/// reasons of the entries are empty: whoever changed it.
std::vector<HistoryEntry> changes_between(Inquiry& inquiry, const std::string& from, const std::string& to,
                                          const std::string& on);

}  // namespace usher
