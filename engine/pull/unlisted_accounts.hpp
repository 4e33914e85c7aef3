#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "state/store/snapshot_writer.hpp"

namespace usher {

/// Linked accounts that a listing does not show, though nothing else is wrong with it.
struct UnlistedAccounts {
  std::vector<std::string> gone;  ///< ids: the platform does not know them either when it is asked for each
  std::string objection;          ///< why the listing proves nothing about who is absent; empty: it does
};

/// Asks the platform for each linked account that a complete listing left out, before anybody believes that
/// it is gone: listings lag, hide invitations or disabled accounts. What answers joins the snapshot; what
/// cannot be asked for stays in it as it was. Where very many are missing a few are asked for, and one that
/// answers breaks the seal. Where accounts cannot be read alone, those that were listed before count as gone,
/// unless they are younger than the platform's lag.
UnlistedAccounts ask_for_unlisted(Database& database, const std::string& platform, Connector& connector,
                                  SnapshotWriter& writer, const std::string& started_at,
                                  std::stop_token stop);

}  // namespace usher
