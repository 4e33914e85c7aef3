#include "engine/session/session.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/apply/recovery.hpp"
#include "engine/credentials/credential_admin.hpp"
#include "engine/desired/desired_state.hpp"
#include "engine/plan/everybody.hpp"
#include "engine/plan/offboarding.hpp"
#include "engine/plan/plan_filter.hpp"
#include "engine/plan/staying_out.hpp"
#include "engine/pull/pull.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/asked_meanwhile.hpp"
#include "engine/session/foreign_plan.hpp"
#include "engine/session/held_in_a_row.hpp"
#include "engine/session/implementation.hpp"
#include "engine/session/lost_secret_notes.hpp"
#include "engine/session/open_state.hpp"
#include "engine/session/persons_accounts.hpp"
#include "engine/session/run_origin.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/people.hpp"
#include "state/store/retention.hpp"

namespace usher {

namespace {

Retention retention_of(const Keep& keep) {
  Retention retention;
  retention.history_days = keep.history_days;
  retention.run_days = keep.run_days;
  retention.plan_bytes = keep.plan_bytes;
  return retention;
}

std::int64_t newest_run(Database& database) {
  const std::vector<RunState> runs = Journal(database.connection()).runs(1);
  return runs.empty() ? 0 : runs.front().id;
}

}  // namespace

template <class Change>
std::vector<Relinked> Session::Implementation::relinked(const char* command, const Change& change) {
  RunRecord run = begin(command);
  return run.during([&] {
    Transaction transaction(database.connection());
    const std::vector<Relinked> accounts = change();
    run.end(ExitCode::done, summary_of(accounts));
    transaction.commit();
    return accounts;
  });
}

Session::Session(const CommonOptions& options, Progress& progress, std::stop_token stop)
    : implementation_(std::make_unique<Implementation>(options, progress, std::move(stop))) {}

Session::~Session() = default;

std::vector<std::string> Session::targets() const {
  std::vector<std::string> names;
  for (const auto& [name, rules] : implementation_->setup.config->accounts) names.push_back(name);
  return names;
}

std::vector<PullReport> Session::pull(const std::vector<std::string>& platforms, Refresh refresh) {
  Implementation& self = *implementation_;
  self.offline = refresh == Refresh::nothing;
  std::vector<std::string> names = platforms;
  if (names.empty()) {
    for (const auto& [name, connector] : self.setup.connectors) names.push_back(name);
  }
  std::vector<PullTarget> targets;
  for (const std::string& name : names) {
    Connector& connector = connector_of(self.setup, name);
    const bool read = refresh == Refresh::all || (refresh == Refresh::needed && self.is_needed(name));
    if (read) targets.push_back({name, &connector});
  }
  if (targets.empty()) return {};
  RunRecord run = self.begin("pull");
  return run.during([&] {
    const std::vector<PullReport> reports = usher::pull(self.database, targets, self.progress, self.stop);
    run.end(exit_code(reports), "{}");
    for (const PullReport& report : reports) {
      self.failed.erase(report.platform);
      if (report.failure) self.failed.emplace(report.platform, report);
    }
    prune(self.database.connection(), retention_of(self.setup.config->keep), now_text());
    return reports;
  });
}

Plan Session::plan(const std::vector<std::string>& only) {
  Implementation& self = *implementation_;
  self.expect_people();
  self.stop_for_failed_sources();
  RunRecord run = self.begin("plan");
  return run.during([&] {
    const auto unsettled = settle(self.database, self.connectors(), run.id(), self.stop);
    PlanningInput input = self.input();
    self.check_clock(input);
    desire(self.database, input, self.progress);
    Plan plan = plan_everybody(self.database, input, self.unreadable(), unsettled, self.progress);
    tell_lost_secrets(plan, self.database, *self.setup.config);
    self.keep(plan, input, run, only);
    return plan;
  });
}

bool Session::while_others_work(const std::function<bool()>& ask) {
  Implementation& self = *implementation_;
  const std::string rules = rules_on_disk(self.options);
  self.asked = {newest_run(self.database), now_text()};
  self.database.release_lock();
  if (!ask()) return false;
  constexpr std::chrono::seconds least_patience(60);
  retake_state(self.database, std::max(self.options.lock_timeout, least_patience), self.stop);
  if (!rules.starts_with(self.setup.config->digest) || rules_on_disk(self.options) != rules)
    throw CommandError(ExitCode::plan_stale,
                       fmt::format("The plan is stale: {} or a recipe changed while the question was open. "
                                   "Nothing was done; run the command again.",
                                   self.setup.config->file.string()));
  return true;
}

bool Session::knows_accounts_of(const std::string& person) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  return is_somebody(self.database, person) && all_linked(self.database, self.setup, input, person);
}

std::vector<PullReport> Session::unread() const {
  return implementation_->reports_of_failed();
}

Plan Session::offboarding(const std::string& person, const std::string& until) {
  Implementation& self = *implementation_;
  const bool can_ask = !self.offline && self.failed.empty();
  bool ask = can_ask && knows_accounts_of(person);
  const Plan usual = ask ? Plan() : plan();
  ask = can_ask && knows_accounts_of(person);  // it may have found an account that no pull shows yet
  const PlanningInput input = self.input();
  if (!is_somebody(self.database, person)) {
    throw CommandError(ExitCode::usage,
                       fmt::format("Nobody has the key '{}': it is neither in {} nor remembered of anybody "
                                   "with an account.",
                                   person, fmt::join(self.setup.config->people.from, ", ")));
  }
  RunRecord run = self.begin("plan");
  return run.during([&] {
    auto unsettled = settle(self.database, self.connectors(), run.id(), self.stop);
    std::erase_if(unsettled, [&](const Unsettled& one) { return one.person != person; });
    const auto accounts = ask ? accounts_now(self.database, self.setup, input, person, self.stop)
                              : accounts_in(self.database, input, person, usual);
    for (const auto& [platform, one] : accounts)
      if (one.failure) self.failed[platform] = {.platform = platform, .read = true, .failure = *one.failure};
    Plan plan = plan_offboarding(self.database, input, {.person = person, .until = until}, accounts);
    leave_out(plan, unsettled);
    self.keep(plan, input, run);
    return plan;
  });
}

Relinked Session::link(const std::string& person, const std::string& account, const std::string& platform) {
  Implementation& self = *implementation_;
  return self.relinked("link", [&] {
    return std::vector{link_account(self.database, self.setup, person, account, platform)};
  })[0];
}

Relinked Session::unlink(const std::string& person, const std::string& platform) {
  Implementation& self = *implementation_;
  return self.relinked(
      "unlink", [&] { return std::vector{unlink_account(self.database, self.setup, person, platform)}; })[0];
}

std::vector<Relinked> Session::relink(const std::vector<NewKey>& people) {
  Implementation& self = *implementation_;
  return self.relinked("relink", [&] { return relink_people(self.database, people); });
}

bool Session::knows_key(const std::string& person) {
  return is_somebody(implementation_->database, person);
}

HeldCredentials Session::credentials(const CredentialQuery& holder) {
  Implementation& self = *implementation_;
  return held_credentials(self.database, self.setup, holder, self.stop);
}

Plan Session::credential_plan(const CredentialQuery& holder, OperationKind act, const std::string& id) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  RunRecord run = self.begin("credentials");
  return run.during([&] {
    Plan plan = plan_credential(self.database, self.setup, holder, act, id, self.stop);
    self.keep(plan, input, run);
    return plan;
  });
}

std::vector<HeldCredentials> Session::all_credentials(const std::string& platform, const std::string& kind) {
  Implementation& self = *implementation_;
  return all_held_credentials(self.database, self.setup, platform, kind, self.stop);
}

Plan Session::revocation_plan(const std::string& platform, const std::string& kind) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  RunRecord run = self.begin("credentials");
  return run.during([&] {
    Plan plan = plan_revocation(self.database, self.setup, platform, kind, self.stop);
    self.keep(plan, input, run, {}, false);
    return plan;
  });
}

ApplyReport Session::offboard(const Plan& plan, const std::string& person, const std::string& until) {
  Implementation& self = *implementation_;
  const PlanningInput input = self.input();
  RunRecord run = self.begin("offboard");
  return run.during([&] {
    if (self.asked) stop_for_changed_person(self.database, person, *self.asked);
    if (!until.empty() && until <= now_text())
      throw CommandError(
          ExitCode::plan_stale,
          fmt::format("The plan is stale: {}, until when {} would be kept out, is past. Nothing was "
                      "done; run the command again.",
                      until, person));
    const RunOrigin origin = run_origin("");
    OffboardedPeople(self.database.connection())
        .put({person, now_text(), until, run.id(), origin.actor + "@" + origin.host, origin.reason});
    return self.carry_out(plan, input, run);
  });
}

ApplyReport Session::apply(const Plan& plan, const WaveRules& waves) {
  Implementation& self = *implementation_;
  self.stop_for_missing_sources(plan);
  const PlanningInput input = self.input();
  stop_for_foreign_plan(self.database, plan, input);
  RunRecord run = self.begin(plan.undoes == 0 ? "apply" : "undo");
  return run.during([&] { return self.carry_out(plan, input, run, waves); });
}

void Session::held_was_told() {
  remember_told(implementation_->database);
}

}  // namespace usher
