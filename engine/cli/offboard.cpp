#include <fmt/format.h>

#include <array>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/notifying.hpp"
#include "engine/cli/person_called.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/planning.hpp"
#include "engine/cli/until.hpp"
#include "engine/report/plan_summary.hpp"

namespace usher::cli {

namespace {

ExitCode offboard(const Call& call, RunNews& news) {
  check_report_file(call);
  const auto given = call.arguments.find("until");
  const std::string until = given ? until_text("until", *given) : std::string();
  const bool ask = !call.arguments.flag("yes");
  if (ask && !call.console.in_is_terminal && !call.arguments.flag("dry-run"))
    throw CommandError(ExitCode::usage,
                       "Standard input is not a terminal, so nobody can be asked. Give --yes, or look with "
                       "--dry-run first.");
  CommonOptions options = call.common();
  options.whole_accounts = true;                       // everything is to be taken, not only what rules use
  Session session(options, call.progress, call.stop);  // brings an older state up to date
  const std::string person = person_called(call, call.arguments.operands().front());
  const Refresh wanted = call.arguments.flag("offline") ? Refresh::nothing : Refresh::all;
  // Not the sources: a broken export must not keep anybody in. Nor platforms of which the account is known.
  const bool pulled = wanted == Refresh::nothing || !session.knows_accounts_of(person);
  auto pulls = pulled ? pull_platforms(call, session, wanted, session.targets()) : std::vector<PullReport>();
  const Plan plan = session.offboarding(person, until);
  if (!pulled) pulls = session.unread();
  if (call.arguments.flag("dry-run")) return end_dry(call, plan);
  const std::string question = fmt::format("Take all of this from {}, and keep them out {}?", escaped(person),
                                           until.empty() ? "until the sources agree" : "until " + until);
  if (!agreed(call, session, plan, ask ? std::optional(question) : std::nullopt)) {
    call.console.err << "Nothing was done.\n";
    return ExitCode::changes_pending;
  }
  if (call.wants_text()) call.print("\n");
  const ApplyReport report = session.offboard(plan, person, until);
  news.end(pulls, plan, report);
  return conclude(call, plan, report, pulls);
}

ExitCode run_offboard(const Call& call) {
  return notifying(
      call, "offboard", [&](RunNews& news) { return offboard(call, news); }, NewsScope::changes);
}

constexpr std::array offboard_options{
    Option{"yes", 'y', {}, "do not ask"},
    Option{"dry-run", 'n', {}, "only show what would be done"},
    Option{"until", 0, "TIME",
           "keep them out until then, whatever the sources say: 2026-12-31, 2026-12-31T18:00:00Z, 12h, 7d"},
    offline_option,
    reason_option,
    report_option,
    plan_output_option,
    metrics_option,
};
constexpr std::array offboard_operands{Operand{"WHO", true}};

}  // namespace

const Command offboard_command{
    .name = "offboard",
    .summary = "remove a person's access on all platforms at once, and keep them out",
    .examples =
        "  usher offboard E1042             # shows what is taken, asks, takes it\n"
        "  usher offboard E1042 --dry-run   # only shows it\n"
        "  usher offboard E1042 --yes       # for a ticket system\n"
        "  usher offboard ada@example.com --until 7d\n",
    .about =
        "Removes from one person what every platform allows, in this order: tokens and sessions, "
        "memberships, then the account, which is disabled, else locked, else deleted where the rules let "
        "leavers be deleted. There is no grace period. The plan is in the state before the first request "
        "is sent, every operation is in the journal, and the account usher itself logs in with is never "
        "touched. WHO is a person's key, the id of an account, or a label or e-mail.\n\n"
        "The source is not changed. As long as it says that the person is here, no plan gives them anything: "
        "each says who offboarded them and why, takes again what somebody gave them meanwhile, and goes on "
        "with what failed. That ends when the sources say that the person has left, with --until at that "
        "time, or by `usher readmit`. `usher status` lists who is kept out.\n\n"
        "A report (--report, --output html, markdown or csv) tells what was to be taken and what became of "
        "it.\n\n"
        "Ends with 0 when everything is done or there was nothing to take, 3 when some operations "
        "failed or something asks for attention, 4 when a guard holds some of it, 64 when nobody is known by "
        "WHO.",
    .options = offboard_options,
    .operands = offboard_operands,
    .run = run_offboard,
};

}  // namespace usher::cli
