#include "engine/answers/orphans.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "state/store/links.hpp"
#include "state/store/past.hpp"

namespace usher {

std::vector<Orphan> orphans(Inquiry& inquiry, const Plan& plan, const std::string& on) {
  std::vector<Orphan> found;
  Connection& connection = inquiry.database().connection();
  std::set<std::pair<std::string, std::string>> matched;
  for (const NewLink& link : plan.links) matched.emplace(link.platform, link.account);
  Connection own = inquiry.database().reader();
  for (const Target& target : inquiry.input().targets) {
    if (!on.empty() && target.name != on) continue;
    const PlatformState state = Snapshots(connection).platform(target.platform);
    const auto pulls = Past(connection).pulls(target.platform);
    for (const RowSlice& slice : Snapshots(own).row_slices(target.platform, 1)) {
      Snapshots(own).for_each_alive(slice, [&](const AccountView& view) {
        const std::string id(view.id);
        if (Links(connection).of_account(target.platform, view.key) || matched.contains({target.name, id}))
          return;
        const auto pull = pulls.find(view.generation);
        found.push_back({target.name, id, inquiry.label(target.name, view.account()), view.active,
                         id == state.self, pull == pulls.end() ? "" : pull->second.ended_at});
      });
    }
  }
  std::sort(found.begin(), found.end(), [](const Orphan& a, const Orphan& b) {
    return std::tie(a.platform, a.label, a.account) < std::tie(b.platform, b.label, b.account);
  });
  return found;
}

}  // namespace usher
