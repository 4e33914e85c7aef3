#include "engine/answers/orphans.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "engine/plan/orphan_judge.hpp"
#include "engine/plan/platform_view.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"

namespace usher {

namespace {

/// Whether a guard holds what the plan does with the account.
bool is_held(const Plan& plan, const Orphan& orphan) {
  return std::any_of(plan.operations.begin(), plan.operations.end(), [&](const Operation& operation) {
    return operation.held && operation.platform == orphan.platform && operation.account == orphan.account;
  });
}

void add_fates(Forecast& forecast, const Plan& plan, std::size_t target, std::span<const Account> accounts,
               std::span<Orphan> found) {
  Database& copy = forecast.database();
  const EntitlementNames names(
      Snapshots(copy.connection()).entitlements(forecast.input().targets[target].platform));
  const PlatformView view = platform_view(copy.connection(), forecast.input(), target, names);
  OrphanJudge judge(copy, forecast.input(), target, view, plan);
  const std::vector<OrphanFate> fates = judge.judge(accounts, true);
  for (std::size_t i = 0; i < fates.size(); ++i) {
    const bool stays = !fates[i].step.has_value();
    found[i].becomes = stays ? "stays" : participle(*fates[i].step);
    if (!stays) found[i].day = text_of(fates[i].day).substr(0, 10);
    found[i].because = fates[i].why;
    found[i].held = fates[i].kind == OrphanFate::Kind::due && is_held(plan, found[i]);
  }
}

}  // namespace

std::vector<Orphan> orphans(Inquiry& inquiry, Forecast& forecast, const Plan& plan, const std::string& on) {
  std::vector<Orphan> found;
  Connection& connection = forecast.database().connection();
  std::set<std::pair<std::string, std::string>> matched;
  for (const NewLink& link : plan.links) matched.emplace(link.platform, link.account);
  Connection own = forecast.database().reader();
  for (std::size_t i = 0; i < forecast.input().targets.size(); ++i) {
    const Target& target = forecast.input().targets[i];
    if (!on.empty() && target.name != on) continue;
    const PlatformState state = Snapshots(connection).platform(target.platform);
    const auto pulls = Past(connection).pulls(target.platform);
    std::vector<Account> accounts;
    const std::size_t first = found.size();
    for (const RowSlice& slice : Snapshots(own).row_slices(target.platform, 1)) {
      Snapshots(own).for_each_alive(slice, [&](const AccountView& view) {
        const std::string id(view.id);
        if (Links(connection).of_account(target.platform, view.key) || matched.contains({target.name, id}))
          return;
        const auto pull = pulls.find(view.generation);
        accounts.push_back(view.account());
        found.push_back({.platform = target.name,
                         .account = id,
                         .label = inquiry.label(target.name, accounts.back()),
                         .active = view.active,
                         .own = id == state.self,
                         .since = pull == pulls.end() ? "" : pull->second.ended_at,
                         .becomes = "",
                         .day = "",
                         .because = ""});
      });
    }
    add_fates(forecast, plan, i, accounts, std::span(found).subspan(first));
  }
  std::sort(found.begin(), found.end(), [](const Orphan& a, const Orphan& b) {
    return std::tie(a.platform, a.label, a.account) < std::tie(b.platform, b.label, b.account);
  });
  return found;
}

}  // namespace usher
