#pragma once

#include <cstddef>
#include <cstdint>
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

/// All accounts as the last pull of their platform before a moment saw them, without the records of sources,
/// by platform and label. Each is read when it is asked for: of a million that would be shown only few are.
/// One thread.
class AccountsThen {
 public:
  /// on: of this platform; empty: of all. Throws CommandError(failed) when the state does not reach back so
  /// far.
  AccountsThen(Inquiry& inquiry, const std::string& moment, const std::string& on);

  std::size_t size() const { return all_.size(); }
  AccountThen at(std::size_t index);

 private:
  struct Entry {
    std::string label, account;
    std::int64_t row = 0;
    std::size_t target = 0;  // index into targets_
  };
  struct OfTarget {
    const Target* target;
    std::string seen;
  };
  void add(const Target& target, std::uint64_t generation, const std::string& seen);

  Inquiry& inquiry_;
  std::vector<OfTarget> targets_;  // by name
  std::vector<Entry> all_;
};

/// The accounts that were in any of these entitlements (platform and entitlement); otherwise like
/// AccountsThen.
std::vector<AccountThen> members_at(Inquiry& inquiry, const std::string& moment,
                                    const std::vector<std::pair<std::string, Entitlement>>& entitlements);
/// The accounts of one person, or the one account that is nobody's; otherwise like AccountsThen.
std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::string& moment, const Whom& whom);

/// How accounts and memberships differ between two moments, sorted by platform and label. `at`, `run` and the
/// reasons of the entries are empty: whoever changed it.
std::vector<HistoryEntry> changes_between(Inquiry& inquiry, const std::string& from, const std::string& to,
                                          const std::string& on);

}  // namespace usher
