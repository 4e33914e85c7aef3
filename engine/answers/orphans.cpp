#include "engine/answers/orphans.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "engine/plan/orphan_judge.hpp"
#include "engine/plan/platform_view.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"

namespace usher {

namespace {

/// The orphans of one platform, and what becomes of them.
class PlatformOrphans {
 public:
  PlatformOrphans(Inquiry& inquiry, Forecast& forecast, const Plan& plan, std::size_t target)
      : inquiry_(inquiry),
        database_(forecast.database()),
        target_(forecast.input().targets[target]),
        names_(Snapshots(database_.connection()).entitlements(target_.platform)),
        view_(platform_view(database_.connection(), forecast.input(), target, names_)),
        judge_(database_, forecast.input(), target, view_, plan),
        self_(Snapshots(database_.connection()).platform(target_.platform).self),
        pulls_(Past(database_.connection()).pulls(target_.platform)) {
    for (const NewLink& link : plan.links)
      if (link.platform == target_.name) matched_.insert(link.account);
    for (const Operation& operation : plan.operations)
      if (operation.held && operation.platform == target_.name) held_.insert(operation.account);
  }

  bool is_matched(const std::string& account) const { return matched_.contains(account); }

  void add_all(std::vector<Orphan>& to) {
    const std::vector<Fingerprint> linked = linked_accounts();
    const bool judged = judge_.why_none().empty();  // else all stay, and why is known
    std::vector<Account> accounts;
    const std::size_t first = to.size();
    Connection own = database_.reader();
    for (const RowSlice& slice : Snapshots(own).row_slices(target_.platform, 1)) {
      Snapshots(own).for_each_alive(slice, [&](const AccountView& view) {
        if (std::binary_search(linked.begin(), linked.end(), view.key)) return;
        Account account = view.account();
        if (is_matched(account.id)) return;
        to.push_back(found(account, view.generation));
        if (judged) accounts.push_back(std::move(account));
      });
    }
    add_fates(accounts, std::span(to).subspan(first));
  }

  Orphan one(const StoredAccount& stored) {
    Orphan orphan = found(stored.account, stored.generation);
    add_fates(std::span(&stored.account, 1), std::span(&orphan, 1));
    return orphan;
  }

 private:
  /// Sorted.
  std::vector<Fingerprint> linked_accounts() {
    std::vector<Fingerprint> linked;
    for (const KeySlice& slice : key_slices(1))
      Links(database_.connection())
          .for_each_in(target_.platform, slice,
                       [&](std::string_view, const Fingerprint& key) { linked.push_back(key); });
    return linked;
  }

  Orphan found(const Account& account, std::uint64_t generation) const {
    const auto pull = pulls_.find(generation);
    return {.platform = target_.name,
            .account = account.id,
            .label = inquiry_.label(target_.name, account),
            .active = account.active,
            .own = account.id == self_,
            .since = pull == pulls_.end() ? "" : pull->second.ended_at,
            .becomes = "stays",
            .day = "",
            .because = judge_.why_none()};
  }

  void add_fates(std::span<const Account> accounts, std::span<Orphan> to) {
    const std::vector<OrphanFate> fates = judge_.judge(accounts, true);
    for (std::size_t i = 0; i < fates.size(); ++i) {
      to[i].because = fates[i].why;
      if (!fates[i].step) continue;
      to[i].becomes = participle(*fates[i].step);
      to[i].day = text_of(fates[i].day).substr(0, 10);
      to[i].held = fates[i].kind == OrphanFate::Kind::due && held_.contains(to[i].account);
    }
  }

  Inquiry& inquiry_;
  Database& database_;
  const Target& target_;
  const EntitlementNames names_;
  const PlatformView view_;
  OrphanJudge judge_;
  const std::string self_;
  const std::map<std::uint64_t, PullTimes> pulls_;
  std::set<std::string> matched_;  // by the plan
  std::set<std::string> held_;     // accounts of which a guard holds something
};

}  // namespace

std::optional<Orphan> orphan_of(Inquiry& inquiry, Forecast& forecast, const Plan& plan,
                                const std::string& platform, const Account& account) {
  for (std::size_t i = 0; i < forecast.input().targets.size(); ++i) {
    const Target& target = forecast.input().targets[i];
    if (target.name != platform) continue;
    PlatformOrphans those(inquiry, forecast, plan, i);
    const auto stored = Snapshots(forecast.database().connection())
                            .find(target.platform, forecast.database().fingerprints().of_id(account.id));
    if (!stored || those.is_matched(account.id)) return std::nullopt;
    return those.one(*stored);
  }
  return std::nullopt;
}

std::vector<Orphan> orphans(Inquiry& inquiry, Forecast& forecast, const Plan& plan, const std::string& on) {
  std::vector<Orphan> found;
  for (std::size_t i = 0; i < forecast.input().targets.size(); ++i) {
    if (!on.empty() && forecast.input().targets[i].name != on) continue;
    PlatformOrphans(inquiry, forecast, plan, i).add_all(found);
  }
  std::sort(found.begin(), found.end(), [](const Orphan& a, const Orphan& b) {
    return std::tie(a.platform, a.label, a.account) < std::tie(b.platform, b.label, b.account);
  });
  return found;
}

}  // namespace usher
