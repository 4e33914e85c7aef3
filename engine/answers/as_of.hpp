#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/answers/history.hpp"
#include "engine/answers/inquiry.hpp"
#include "engine/answers/whom.hpp"
#include "state/model/capabilities.hpp"
#include "state/store/past.hpp"

namespace usher {

/// An account as it was at some time.
struct AccountThen {
  std::string platform, account, label;
  std::string person;  ///< who was linked to it then; empty: nobody
  bool active = true;
  std::vector<std::string> memberships;  ///< by name
  std::string seen;                      ///< when the pull ended that says so
};

/// Reads a time that a person wrote, "2026-03-01T12:30:00Z" or "2026-03-01" for the beginning of that day in
/// UTC, and writes it as the state keeps times: RFC 3339 with milliseconds, so that two compare as texts.
/// Throws CommandError(usage) for anything else and for a day or time that does not exist.
std::string moment_of(const std::string& text);

/// A time, or what a run left behind.
struct Moment {
  std::string time;      ///< as moment_of() writes it; of a run: when it ended
  std::int64_t run = 0;  ///< 0: of none
};

/// A platform as the last pull before a moment saw it.
struct PlatformThen {
  std::string name;
  PlatformId platform{};
  const Capabilities* can = nullptr;  ///< nullptr: the configuration has it no more
  std::string time;                   ///< the moment
  std::uint64_t generation = 0;
  PullTimes pull;
  std::int64_t run = 0;  ///< up to which usher's own writes since that pull count; 0: none do
};

/// A platform that an answer says nothing of.
struct LeftOut {
  std::string platform, why;
};

/// The platforms of an answer, by name.
struct PlatformsThen {
  std::vector<PlatformThen> found;
  std::vector<LeftOut> left_out;
};

/// Of the platforms that people have or had accounts on those that `wanted` names; empty: all that the rules
/// name. What the state remembers nothing of at that moment is left out. Throws CommandError(failed) when
/// that is all of them.
PlatformsThen platforms_at(Inquiry& inquiry, const Moment& moment, const std::set<std::string>& wanted);

/// All accounts of these platforms, by platform and label. Each is read when it is asked for: of a million
/// that would be shown only few are. One thread.
class AccountsThen {
 public:
  AccountsThen(Inquiry& inquiry, std::vector<PlatformThen> platforms);

  std::size_t size() const { return all_.size(); }
  AccountThen at(std::size_t index);

 private:
  struct Entry {
    std::string label, account;
    std::int64_t row = 0;
    std::size_t platform = 0;  // index into platforms_
  };
  void add(std::size_t platform);

  Inquiry& inquiry_;
  const std::vector<PlatformThen> platforms_;
  std::vector<Entry> all_;
};

/// The accounts that were in any of these entitlements (platform and entitlement).
std::vector<AccountThen> members_at(Inquiry& inquiry, const std::vector<PlatformThen>& platforms,
                                    const std::vector<std::pair<std::string, Entitlement>>& entitlements);
/// The accounts that were one person's then, or the one account that is nobody's.
std::vector<AccountThen> accounts_at(Inquiry& inquiry, const std::vector<PlatformThen>& platforms,
                                     const Whom& whom);

/// How the accounts and memberships of the platforms that both moments know differ, sorted by platform and
/// label. `at`, `run` and the reasons of the entries are empty: whoever changed it.
std::vector<HistoryEntry> changes_between(Inquiry& inquiry, const std::vector<PlatformThen>& from,
                                          const std::vector<PlatformThen>& to);

}  // namespace usher
