#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/cli/commands.hpp"
#include "engine/cli/listing.hpp"

namespace usher::cli {

namespace {

std::set<std::string> only(const std::string& platform) {
  return platform.empty() ? std::set<std::string>() : std::set{platform};
}

void print_past(const Call& call, ListReport list, std::vector<LeftOut> left_out) {
  list.left_out = std::move(left_out);
  print_list(call, list);
}

void print_members(const Call& call, Inquiry& inquiry, const Moment& moment) {
  const auto& words = call.arguments.operands();
  if (words.size() < 3)
    throw CommandError(ExitCode::usage, "Members of which group? as-of TIME members GROUP");
  const auto groups = entitlements_asked_for(call, inquiry, words[2]);
  std::set<std::string> platforms;
  for (const auto& [platform, group] : groups) platforms.insert(platform);
  const PlatformsThen then = platforms_at(inquiry, moment, platforms);
  print_past(call, list_of(members_at(inquiry, then.found, groups)), then.left_out);
}

void print_accounts_of(const Call& call, Inquiry& inquiry, const Moment& moment, const std::string& on) {
  const auto& words = call.arguments.operands();
  if (words.size() > 2)
    throw CommandError(ExitCode::usage, fmt::format("The argument '{}' is one too many.", words[2]));
  const Whom whom = find_whom(inquiry, words[1], on);
  std::set<std::string> platforms = only(on);
  if (on.empty())
    for (const Whom::At& at : whom.accounts) platforms.insert(at.platform);
  const PlatformsThen then = platforms.empty() ? PlatformsThen{} : platforms_at(inquiry, moment, platforms);
  print_past(call, list_of(accounts_at(inquiry, then.found, whom)), then.left_out);
}

ExitCode run_as_of(const Call& call) {
  Inquiry inquiry(call.common());
  const auto& words = call.arguments.operands();
  const Moment moment{moment_of(words[0])};
  const std::string on = past_platform_asked_for(call, inquiry);
  if (words[1] == "accounts" && words.size() == 2) {
    const PlatformsThen then = platforms_at(inquiry, moment, only(on));
    AccountsThen all(inquiry, then.found);
    print_past(call, list_of(all), then.left_out);
  } else if (words[1] == "members") {
    print_members(call, inquiry, moment);
  } else {
    print_accounts_of(call, inquiry, moment, on);
  }
  return ExitCode::done;
}

/// The end of a run, or the time that is given.
Moment moment_or_run(Inquiry& inquiry, const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {moment_of(text)};
  const auto run = Journal(inquiry.database().connection()).run(number);
  if (!run) throw CommandError(ExitCode::usage, fmt::format("The state remembers no run {}.", number));
  return {run->ended_at.empty() ? run->started_at : run->ended_at, number};
}

ExitCode run_diff(const Call& call) {
  Inquiry inquiry(call.common());
  const std::string on = past_platform_asked_for(call, inquiry);
  const Moment from = moment_or_run(inquiry, call.arguments.operands()[0]);
  Moment to = moment_or_run(inquiry, call.arguments.operands()[1]);
  if (from.time > to.time)
    throw CommandError(
        ExitCode::usage,
        fmt::format("'{0}' is later than '{1}'; the earlier one comes first: `usher diff {1} {0}`.",
                    call.arguments.operands()[0], call.arguments.operands()[1]));
  // What the first run wrote is there at a later time, too, where no pull has seen it yet.
  if (to.run == 0) to.run = from.run;
  const PlatformsThen first = platforms_at(inquiry, from, only(on));
  const PlatformsThen last = platforms_at(inquiry, to, only(on));
  const auto changes = changes_between(inquiry, first.found, last.found);
  print_past(call, differences_list(changes), first.left_out);  // what is known at first is known later
  return ExitCode::done;
}

ExitCode run_runs(const Call& call) {
  constexpr std::size_t most_stages = 4;  // of one command
  Inquiry inquiry(call.common());
  Past past(inquiry.database().connection());
  const auto last = static_cast<std::size_t>(call.arguments.number("last"));
  const bool each = call.arguments.flag("each");
  std::vector<RunLine> lines =
      each ? lines_of_each(past.runs(last)) : lines_of(past.runs(last * most_stages));
  if (lines.size() > last) lines.resize(last);
  print_list(call, list_of(lines));
  return ExitCode::done;
}

constexpr std::array as_of_options{on_option, list_output_option, csv_option};
constexpr std::array as_of_operands{Operand{"TIME", true}, Operand{"accounts|members|WHO", true},
                                    Operand{"GROUP"}};
constexpr std::array diff_operands{Operand{"RUN|TIME", true}, Operand{"RUN|TIME", true}};
constexpr std::array runs_options{
    Option{"last", 0, "N", "how many", "20"},
    Option{"each", 0, {}, "list the pull, the plan and the apply of each sync separately"},
    list_output_option, csv_option};

}  // namespace

const Command as_of_command{
    .name = "as-of",
    .summary = "show accounts and members as they were at a given time",
    .examples =
        "  usher as-of 2026-03-01 accounts --on iot\n"
        "  usher as-of 2026-03-01 members engineers --output csv\n"
        "  usher as-of 2026-03-01T12:00:00Z ada@example.com\n",
    .about =
        "Shows what the last pull before that time saw: all accounts, the members of a group, or the "
        "accounts of one person. A date means the start of that day, and times are UTC. The person is "
        "the one who was linked to the account then. A platform that had not been pulled by then is left "
        "out and named; one that the rules no longer name is shown with --on. Ends with 1 when the state "
        "does not reach back so far; docs/state.md says how long it keeps history.",
    .options = as_of_options,
    .operands = as_of_operands,
    .run = run_as_of,
};

const Command diff_command{
    .name = "diff",
    .summary = "show what changed on the platforms between two runs or times",
    .examples =
        "  usher diff 57 61\n"
        "  usher diff 2026-03-01 2026-04-01 --output csv\n",
    .about =
        "Compares what the last pull before one time saw with what the last pull before another saw: "
        "accounts that were added and removed, attributes and memberships that changed, whoever changed "
        "them. A run stands for the situation when it ended: what the last pull before its end saw, and "
        "what usher wrote since. A platform that had not been pulled by the first time is left out and "
        "named.",
    .options = as_of_options,
    .operands = diff_operands,
    .run = run_diff,
};

const Command runs_command{
    .name = "runs",
    .summary = "list the runs, one line per sync",
    .examples =
        "  usher runs\n"
        "  usher runs --last 500 --output csv\n",
    .about =
        "Lists the last runs, newest first: when, how long, how they ended, and how many operations "
        "gave, changed and removed something, failed, were held or skipped, or are open. A sync is one "
        "line: its number is that of the run that applied, `stages` are those of its pull, plan and "
        "apply, and --each lists these separately. `usher show RUN` shows one in full.",
    .options = runs_options,
    .operands = {},
    .run = run_runs,
};

}  // namespace usher::cli
