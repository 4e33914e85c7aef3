#include "engine/plan/platform_view.hpp"

#include <fmt/format.h>

#include "engine/plan/group_rules.hpp"

namespace usher {

PlatformView platform_view(Connection& connection, const PlanningInput& input, std::size_t target,
                           const EntitlementNames& names) {
  Snapshots snapshots(connection);
  const Target& on = input.targets[target];
  const PlatformState state = snapshots.platform(on.platform);
  PlatformView view{&on, &names, state.self,        "",
                    "",  "",     input.now.seconds, rules_giving(on.program->rules(), names)};
  if (!state.sealed) {
    view.unseen = fmt::format("the pull of {} is not complete: {}", on.name, state.why_not);
    view.unsealed = view.unseen;
  } else if (state.overtaken()) {
    view.unsealed = view.unsure = fmt::format(
        "usher itself wrote to {} since it was pulled, and does not know what is there by now; "
        "pull it first",
        on.name);
  }
  for (const Source& source : input.sources) {
    const PlatformState from = snapshots.platform(source.platform);
    if (from.sealed || !view.unsure.empty()) continue;
    view.unsure = fmt::format("the pull of {} is not complete: {}", source.name, from.why_not);
  }
  return view;
}

}  // namespace usher
