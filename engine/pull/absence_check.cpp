#include "engine/pull/absence_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

constexpr std::size_t most_asked_at_once = 50;

/// Whether the platform said something of the account, so that it says the same when it is asked again.
bool is_an_answer(FailureKind kind) {
  return !may_pass(kind) && kind != FailureKind::refused && kind != FailureKind::stopped;
}

using nlohmann::json;

std::string fact_of_unlisted(const std::string& platform) {
  return "unlisted " + platform;
}

class Asking {
 public:
  Asking(Database& database, PlatformId platform, Connector& connector, const std::stop_token& stop)
      : links_(database.connection()),
        past_(database.connection()),
        platform_(platform),
        connector_(connector),
        stop_(stop) {
    Snapshots snapshots(database.connection());
    name_ = snapshots.platform(platform).name;
    since_ = snapshots.last_sealed(platform);
    if (const auto known = database.fact(fact_of_unlisted(name_)))
      for (const json& account : json::parse(*known)) unlisted_.insert(account.get<std::string>());
  }

  AbsenceCheck run(SnapshotWriter& writer, const std::string& started_at) {
    const std::vector<Link> missing = missing_accounts(writer);
    if (!connector_.capabilities().read) {
      for (const Link& link : missing) believe_gone(link, started_at);
      return std::move(check_);
    }
    const std::size_t sample = std::min(missing.size(), most_asked_at_once);
    bool goes_on = ask(missing, 0, sample, started_at);
    if (goes_on && !check_.found.empty()) goes_on = ask(missing, sample, missing.size(), started_at);
    if (goes_on && hidden_ > 0) {
      check_.objection = fmt::format(
          "the listing hides accounts that exist: {} of {} that it does not show answered when asked for by "
          "id, "
          "such as {}",
          hidden_, check_.asked, first_hidden_);
    }
    if (goes_on && check_.found.empty()) {  // those beyond the sample are believed gone as well
      for (std::size_t i = sample; i < missing.size(); ++i) believe_gone(missing[i], started_at);
    }
    if (!check_.objection.empty()) check_.gone.clear();
    return std::move(check_);
  }

 private:
  /// Unless it was made so lately that the platform may not show it yet.
  void believe_gone(const Link& link, const std::string& started_at) {
    if (!is_within(link.since, connector_.capabilities().create_lag, started_at))
      check_.gone.push_back(link.account);
  }

  /// Whether usher made or changed the account after the last sealed listing began.
  bool written_since(const Link& link) {
    if (link.since > since_) return true;
    return past_.last_sent_at(name_, link.person) > since_;
  }

  /// Whether the recipe says that a listing leaves such an account out.
  bool is_omitted(const Account& account) const {
    const std::vector<std::string>& omits = connector_.capabilities().omits;
    const auto says = [&](const char* what) {
      return std::find(omits.begin(), omits.end(), what) != omits.end();
    };
    return (says("disabled") && !account.active) || (says("pending") && unlisted_.contains(account.id));
  }

  /// Linked accounts that the listing does not show, in the order of their keys, which is that of digests.
  std::vector<Link> missing_accounts(SnapshotWriter& writer) {
    std::vector<Fingerprint> keys = writer.absent();
    std::vector<Fingerprint> recent;
    links_.for_each_since(platform_, since_, [&](const Link& link) { recent.push_back(link.key); });
    recent = writer.not_added(std::move(recent));
    keys.insert(keys.end(), recent.begin(), recent.end());
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::vector<Link> missing;
    for (const Fingerprint& key : keys) {
      if (auto link = links_.of_account(platform_, key)) missing.push_back(std::move(*link));
    }
    return missing;
  }

  /// False when the platform gives no answer: nothing is known then.
  bool ask(const std::vector<Link>& missing, std::size_t first, std::size_t end,
           const std::string& started_at) {
    for (std::size_t i = first; i < end; ++i) {
      const Link& link = missing[i];
      ++check_.asked;
      auto account = connector_.read({.id = link.account}, stop_);
      const bool another = account && *account && (*account)->id != link.account;
      if (!account || another) {  // only the account itself and "there is none" are answers
        check_.objection = objection_to(link, account);
        return false;
      }
      if (!*account) {
        believe_gone(link, started_at);
        continue;
      }
      if (!written_since(link) && !is_omitted(**account) && hidden_++ == 0) first_hidden_ = link.account;
      check_.found.push_back(std::move(**account));
    }
    return true;
  }

  /// What to say of a linked account of which nothing is known, and what the user can do about it.
  std::string objection_to(const Link& link, const Outcome<std::optional<Account>>& reply) const {
    const std::string what =
        fmt::format("the listing does not show the account {}, and a request for it ", link.account);
    if (!reply && !is_an_answer(reply.error().kind)) return what + "failed: " + describe(reply.error());
    return fmt::format(
        "{}{}; if it is gone, 'usher unlink {} --on {}' says so, or the recipe with 'is: gone' for this "
        "answer",
        what, reply ? "returned the account " + (*reply)->id : "failed: " + describe(reply.error()),
        link.person, name_);
  }

  Links links_;
  Past past_;
  std::string name_;  // of the platform
  const PlatformId platform_;
  Connector& connector_;
  const std::stop_token& stop_;
  std::string since_;               // when the last sealed listing began; empty: never
  std::set<std::string> unlisted_;  // accounts that it did not show though they exist
  AbsenceCheck check_;
  std::uint64_t hidden_ = 0;
  std::string first_hidden_;
};

}  // namespace

AbsenceCheck check_absence(Database& database, PlatformId platform, Connector& connector,
                           SnapshotWriter& writer, const std::string& started_at,
                           const std::stop_token& stop) {
  return Asking(database, platform, connector, stop).run(writer, started_at);
}

void remember_unlisted(Database& database, const std::string& platform,
                       const std::vector<std::string>& accounts) {
  const std::string fact = fact_of_unlisted(platform);
  if (!accounts.empty())
    database.set_fact(fact, json(accounts).dump());
  else if (database.fact(fact))
    database.forget_fact(fact);
}

}  // namespace usher
