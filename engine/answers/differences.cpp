#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "engine/answers/account_parts.hpp"
#include "engine/answers/as_of.hpp"
#include "engine/answers/sightings.hpp"
#include "engine/answers/written_accounts.hpp"
#include "state/store/links.hpp"

namespace usher {

namespace {

/// An account at two moments; nullopt: it was not there.
struct BothSides {
  std::optional<Account> before, now;
  bool written = false;  ///< before: by usher, and no pull saw it yet
};

/// How the accounts of one platform differ between two moments.
class Differences {
 public:
  Differences(Inquiry& inquiry, const PlatformThen& from, const PlatformThen& to)
      : inquiry_(inquiry), from_(from), to_(to), past_(inquiry.database().connection()) {}

  void add_to(std::vector<HistoryEntry>& changes) {
    past_.for_each_version_between(to_.platform, from_.generation, to_.generation,
                                   [&](const AccountVersion& version) {
                                     BothSides& sides = touched_[version.account.id];
                                     if (version.born <= from_.generation) sides.before = version.account;
                                     if (!version.died || *version.died > to_.generation)
                                       sides.now = version.account;
                                   });
    for (auto& [id, account] : written(to_)) sides_of(id).now = account;
    for (auto& [id, account] : written(from_)) {
      BothSides& sides = sides_of(id);
      sides.before = account;
      sides.written = true;
    }
    for (const auto& [id, sides] : touched_) add(id, sides, changes);
  }

 private:
  std::optional<Account> as_of(const PlatformThen& then, const std::string& id) {
    return past_.as_of(then.platform, inquiry_.database().fingerprints().of_id(id), then.generation);
  }

  /// What usher wrote between the pull and the end of the run.
  std::map<std::string, std::optional<Account>> written(const PlatformThen& then) {
    if (then.run == 0 || then.can == nullptr) return {};
    WrittenAccounts all(*then.can, [&](const std::string& id) { return as_of(then, id); });
    past_.for_each_written(then.name, then.pull.started_at, then.run,
                           [&](const JournalEntry& entry) { all.add(entry); });
    return all.accounts();
  }

  BothSides& sides_of(const std::string& id) {
    const auto [found, is_new] = touched_.try_emplace(id);
    if (is_new) found->second = {as_of(from_, id), as_of(to_, id)};
    return found->second;
  }

  /// Who was linked to the account at the later moment, or else at the earlier one.
  std::string holder_of(Database& database, const std::string& id) const {
    const Fingerprint key = database.fingerprints().of_id(id);
    Links links(database.connection());
    const std::string holder = links.holder_at(to_.platform, key, to_.time);
    return holder.empty() ? links.holder_at(to_.platform, key, from_.time) : holder;
  }

  void add(const std::string& id, const BothSides& sides, std::vector<HistoryEntry>& to) {
    const auto& [before, now, written] = sides;
    if (!before && !now) return;  // it came and went between the two
    HistoryEntry base;
    base.platform = to_.name;
    base.account = id;
    base.label = inquiry_.label(to_.name, now ? *now : *before);
    base.person = holder_of(inquiry_.database(), id);
    if (!before || !now) {
      HistoryEntry& one = to.emplace_back(base);
      one.what = "account";
      one.act = before ? "disappeared" : "appeared";
      return;
    }
    for (HistoryEntry each : changes_between(parts_of(*before), parts_of(*now), inquiry_.names(to_.name))) {
      // What a platform adds by itself to what usher wrote, or how it writes it, is no change.
      const bool of_the_platform =
          (each.before.is_null() && !each.is_membership()) || same_but_for_form(each.before, each.now);
      if (written && of_the_platform) continue;
      each.platform = base.platform;
      each.account = base.account;
      each.label = base.label;
      each.person = base.person;
      to.push_back(std::move(each));
    }
  }

  Inquiry& inquiry_;
  const PlatformThen& from_;
  const PlatformThen& to_;
  Past past_;
  std::map<std::string, BothSides> touched_;
};

}  // namespace

std::vector<HistoryEntry> changes_between(Inquiry& inquiry, const std::vector<PlatformThen>& from,
                                          const std::vector<PlatformThen>& to) {
  std::vector<HistoryEntry> changes;
  for (const PlatformThen& last : to)
    for (const PlatformThen& first : from)
      if (first.platform == last.platform) Differences(inquiry, first, last).add_to(changes);
  std::stable_sort(changes.begin(), changes.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return std::tie(a.platform, a.label) < std::tie(b.platform, b.label);
  });
  return changes;
}

}  // namespace usher
