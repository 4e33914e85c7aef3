#include "engine/pull/unlisted_accounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

constexpr std::size_t asked_one_by_one = 1000;
constexpr std::size_t asked_of_many = 20;

/// A linked account that is not listed, and how the last snapshot showed it.
struct Missing {
  Link link;
  std::optional<StoredAccount> before;
};

std::vector<Missing> missing_accounts(Database& database, PlatformId platform, SnapshotWriter& writer) {
  std::vector<Missing> missing;
  Links links(database.connection());
  Snapshots snapshots(database.connection());
  for (const std::int64_t row : writer.absent_rows()) {
    auto before = snapshots.at(row);
    if (!before) continue;
    if (auto link = links.of_account(platform, before->key)) missing.push_back({*link, std::move(before)});
  }
  // What was made since the last pull was never listed: only its link tells of it.
  const PlatformState state = snapshots.platform(platform);
  if (state.written_at < state.started_at) return missing;
  for (Link& link : links.made_since(platform, state.started_at)) {
    if (!writer.has(link.key) && !snapshots.find(platform, link.key))
      missing.push_back({std::move(link), std::nullopt});
  }
  return missing;
}

}  // namespace

UnlistedAccounts ask_for_unlisted(Database& database, const std::string& name, Connector& connector,
                                  SnapshotWriter& writer, const std::string& started_at,
                                  std::stop_token stop) {
  UnlistedAccounts result;
  const PlatformId platform = database.platform(name);
  const Capabilities& can = connector.capabilities();
  const std::vector<Missing> missing = missing_accounts(database, platform, writer);
  const bool many = missing.size() > asked_one_by_one;
  const std::size_t asked = many ? asked_of_many : missing.size();
  std::vector<PreparedAccount> there;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const Missing& one = missing[i];
    if (!can.read) {
      const bool may_lag = text_of(seconds_of(one.link.since) + can.create_lag.count()) > started_at &&
                           can.create_lag.count() > 0;
      if (one.before && !may_lag) result.gone.push_back(one.link.account);
      continue;
    }
    if (i >= asked) {
      result.gone.push_back(one.link.account);
      continue;
    }
    auto account = connector.read({.id = one.link.account}, stop);
    if (account && !*account) {
      result.gone.push_back(one.link.account);
    } else if (account && many) {
      result.gone.clear();
      result.objection = fmt::format(
          "{} accounts of people are not listed, and {} answers when it is asked for: the listing is cut or "
          "hides "
          "some of them",
          missing.size(), one.link.account);
      return result;
    } else if (account) {
      there.push_back(prepare(std::move(**account), database.fingerprints()));
    } else if (one.before) {
      there.push_back(prepare(one.before->account, database.fingerprints()));
    }
  }
  if (!there.empty()) writer.add(std::move(there));
  return result;
}

}  // namespace usher
