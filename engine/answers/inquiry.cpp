#include "engine/answers/inquiry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/answers/own_writes.hpp"
#include "engine/desired/desired_state.hpp"
#include "engine/desired/entitlement_names.hpp"
#include "engine/plan/everybody.hpp"
#include "engine/plan/guard_basis.hpp"
#include "engine/plan/guards.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/time.hpp"
#include "engine/runtime/version.hpp"
#include "state/model/account_label.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/former_entitlements.hpp"
#include "state/store/links.hpp"

namespace usher {

namespace {

Workspace workspace_of(const CommonOptions& options) {
  auto setup = open_workspace(options, Secrets::skip);
  if (!setup) throw CommandError(ExitCode::configuration_invalid, to_string(setup.error()));
  return std::move(*setup);
}

PlanningInput input_with_own_writes(Database& copy, const Workspace& setup, const std::string& began) {
  count_own_writes(copy, setup);
  return planning_input(copy, setup, began);
}

}  // namespace

Inquiry::Inquiry(const CommonOptions& options)
    : setup_(workspace_of(options)),
      database_(options.state.value_or(setup_.config->state), Access::read),
      input_(planning_input(database_, setup_, now_text())) {}

const EntitlementNames& Inquiry::names(const std::string& platform) {
  const auto known = names_.find(platform);
  if (known != names_.end()) return known->second;
  const auto id = database_.find_platform(platform);
  std::vector<Entitlement> entitlements, former;
  if (id) {
    entitlements = Snapshots(database_.connection()).entitlements(*id);
    former = former_entitlements(database_.connection(), *id);
  }
  return names_.emplace(platform, EntitlementNames(entitlements, former)).first->second;
}

const Source* Inquiry::source(const std::string& platform) const {
  const auto found = std::find_if(input_.sources.begin(), input_.sources.end(),
                                  [&](const Source& source) { return source.name == platform; });
  return found == input_.sources.end() ? nullptr : &*found;
}

std::string Inquiry::label(const std::string& platform, const Account& account) const {
  const auto connector = setup_.connectors.find(platform);
  return connector == setup_.connectors.end() ? account.id
                                              : label_of(account, connector->second->capabilities());
}

Forecast::Forecast(const Workspace& setup, const std::filesystem::path& state, Progress& progress,
                   const std::string& began)
    : setup_(setup),
      progress_(progress),
      copy_(state),
      input_(input_with_own_writes(copy_.database(), setup, began.empty() ? now_text() : began)) {
  for (const Source& source : input_.sources) {
    if (Snapshots(database().connection()).platform(source.platform).generation > 0) continue;
    throw CommandError(ExitCode::source_incomplete,
                       fmt::format("{} was never read: nobody is known. Run 'usher pull'.", source.name));
  }
}

Plan Forecast::plan(int days) {
  constexpr std::int64_t day = 86'400;
  PlanningInput input = input_;
  if (days > 0) {
    input.now.seconds += days * day;
    input.now_text = text_of(input.now.seconds);
  }
  desire(database(), input, progress_);
  Plan plan = plan_everybody(database(), input, {}, {}, progress_);
  plan.program = std::string(version());
  plan.rules = input.rules_digest;
  plan.now = input.now_text;
  review(plan, guard_basis(database(), *setup_.config, plan, input));
  plan.digest = digest_of(plan);
  return plan;
}

}  // namespace usher
