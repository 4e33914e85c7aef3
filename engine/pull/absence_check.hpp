#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "state/store/snapshot_writer.hpp"

namespace usher {

/// What asking for accounts came to that a complete listing does not show.
struct AbsenceCheck {
  std::uint64_t asked = 0;
  std::vector<Account> found;     ///< they exist: whole, as they are
  std::vector<std::string> gone;  ///< ids of linked accounts that are no more, where nothing objects
  std::string objection;          ///< why the listing proves nothing about absence; empty: it does
};

/// Asks a platform by id for accounts of people that its listing does not show, before they are believed
/// gone: all of them up to 50, else 50 chosen by the digests of their ids, and all when one of those answers.
/// One that answers takes the listing's proof away, unless it was linked after the last sealed listing began
/// (a listing may lag), or the recipe says that such accounts are left out: disabled ones, or pending ones,
/// which no sealed listing has shown since they were linked. Where the connector cannot read one account
/// nothing is asked, and what the listing does not show is gone. An account that was linked so lately that
/// the platform may not show it yet (Capabilities::create_lag) is never gone. Call when the writer has
/// everything that the listing showed.
AbsenceCheck check_absence(Database& database, PlatformId platform, Connector& connector,
                           SnapshotWriter& writer, const std::string& started_at,
                           const std::stop_token& stop);

/// The platform's accounts that exist and that a sealed listing did not show, for the check of the next one.
void remember_unlisted(Database& database, const std::string& platform,
                       const std::vector<std::string>& accounts);

}  // namespace usher
