#include <fmt/format.h>

#include <array>
#include <charconv>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/notifying.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/planning.hpp"
#include "engine/cli/state.hpp"
#include "engine/cli/until.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/run_record.hpp"
#include "engine/session/undo.hpp"
#include "state/store/holds.hpp"

namespace usher::cli {

namespace {

std::int64_t number_of_run(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0)
    throw CommandError(
        ExitCode::usage,
        fmt::format("'{}' is not the number of a run; `usher runs` lists them.", escaped(text)));
  return number;
}

ExitCode release(const Call& call, std::int64_t run) {
  Database database = open_state(call, Access::write);
  std::uint64_t ended = 0;
  record_act(database, "release", [&] {
    ended = Holds(database.connection()).end(run, now_text());
    if (ended == 0)
      throw CommandError(
          ExitCode::usage,
          fmt::format("Run {} holds nothing off. The note `held-off` of a plan names the run.", run));
    return nlohmann::json{{"undo", run}, {"released", ended}};
  });
  if (call.json()) {
    call.print_json({{"report", "undo"}, {"exit", exit_json(ExitCode::done)}, {"released", ended}});
  } else {
    call.print(fmt::format("Run {} holds nothing off any more: the next sync may do it.\n", run));
  }
  return ExitCode::done;
}

/// Before anybody is asked, or any platform read.
void expect_undoable(const Call& call, std::int64_t run) {
  Database database = open_state(call);
  usher::expect_undoable(database, run);
}

ExitCode undo(const Call& call, RunNews& news) {
  const Arguments& given = call.arguments;
  const std::int64_t run = number_of_run(given.operands().front());
  const bool printed = call.wants_text() || call.json();
  if (given.flag("release") && (given.find("report") || !printed))
    throw CommandError(ExitCode::usage,
                       "--release makes no plan that a report could show: leave out --report, and --output "
                       "markdown, html and csv.");
  if (given.flag("release")) return release(call, run);
  check_report_file(call);
  const auto until = given.find("hold-until");
  const std::string hold = until ? until_text("hold-until", *until) : std::string();
  const bool dry = given.flag("dry-run");
  const bool ask = !given.flag("yes");
  CommonOptions options = call.common();
  options.whole_accounts = true;  // the run may have changed what the rules use no more
  Session session(options, call.progress, call.stop);
  expect_undoable(call, run);
  if (ask && !dry && !call.console.in_is_terminal)
    throw CommandError(ExitCode::usage,
                       "Standard input is not a terminal, so nobody can be asked. Give --yes, or look with "
                       "--dry-run first.");
  const auto pulls = pull_platforms(call, session, given.flag("offline") ? Refresh::nothing : Refresh::all,
                                    session.targets());
  const Plan plan = session.undo(run, given.values("only"), hold);
  if (dry) return end_dry(call, plan);
  const bool any = held_operations(plan) < plan.operations.size() || !plan.unlinks.empty();
  const bool asks = ask && any;
  if (!agreed(call, session, plan, asks ? std::optional(apply_question(plan)) : std::nullopt)) {
    call.console.err << "Nothing was undone.\n";
    return ExitCode::changes_pending;
  }
  if (call.wants_text()) call.print("\n");
  return carry_out(call, session, plan, pulls, news);
}

ExitCode run_undo(const Call& call) {
  return notifying(
      call, "undo", [&](RunNews& news) { return undo(call, news); }, NewsScope::changes);
}

constexpr std::array undo_options{
    Option{"yes", 'y', {}, "do not ask"},
    Option{"dry-run", 'n', {}, "only show what would be reverted"},
    Option{"only",
           0,
           "KEY",
           "revert only for this person: a key, an account's id or label; may be repeated",
           {},
           true},
    Option{"hold-until", 0, "TIME",
           "no sync does it again before: 2026-12-31, 2026-12-31T18:00:00Z, 12h, 7d"},
    Option{"release", 0, {}, "end the hold of the undo run RUN, and do nothing else"},
    offline_option,
    reason_option,
    report_option,
    plan_output_option,
    metrics_option,
};
constexpr std::array undo_operands{Operand{"RUN", true}};

}  // namespace

const Command undo_command{
    .name = "undo",
    .summary = "revert what a run changed",
    .examples =
        "  usher undo 57                       # shows what is put back, asks, does it\n"
        "  usher undo 57 --dry-run             # only shows it\n"
        "  usher undo 57 --only E1042 --yes    # for one person\n"
        "  usher undo 57 --hold-until 7d       # and no sync does it again for a week\n"
        "  usher undo 61 --release             # run 61 undid it: let syncs do it again\n",
    .about =
        "Makes a plan that puts back what run RUN changed on the platforms, out of its journal: values, "
        "memberships with their details, disabled and enabled, locked and unlocked; accounts it created are "
        "deleted where the platform can delete, else disabled or locked; links it made end. The plan is "
        "shown and judged by the guards like any other, and before an account is changed it is read "
        "again.\n\n"
        "What changed after the run is left as it is and named. What nothing brings back is named before the "
        "question: deleted accounts, revoked tokens, replaced secrets. Every plan says beforehand what of it "
        "could not be undone.\n\n"
        "Rules and sources stay as they are: what they still want the next sync does again, and the plan "
        "says which. With --hold-until it waits until then; the note `held-off` of each plan tells, and "
        "--release with the number of the run that undid it ends that.\n\n"
        "A report (--report, --output html, markdown or csv) tells what was to be put back and what became "
        "of "
        "it.\n\n"
        "Ends with 0 when everything is put back, 3 when some of it is not, 4 when a guard held some, 64 "
        "when there is no such run or it changed nothing.",
    .options = undo_options,
    .operands = undo_operands,
    .run = run_undo,
};

}  // namespace usher::cli
