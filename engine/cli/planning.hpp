#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/command.hpp"

namespace usher::cli {

struct RunNews;

// What the commands that plan or apply have in common.

inline constexpr Option pull_option{"pull", 0, {}, "read every platform first"};
inline constexpr Option offline_option{"offline", 0, {}, "read nothing; plan from the last pulls"};

inline constexpr Option only_option{
    .name = "only",
    .value = "KEY",
    .about = "plan only for this person: a key, an account's id or label; may be repeated",
    .repeats = true};

inline constexpr Option reason_option{"reason", 0, "TEXT", "the reason; recorded with the run"};

inline constexpr Option waves_option{
    "waves", 0, "SIZES", "sizes of the waves in people, then the rest: 10,100,10%; each with all accounts"};
inline constexpr Option gate_option{"gate", 0, "COMMAND",
                                    "must end with 0 between two waves, or the next does not begin"};
inline constexpr Option gate_timeout_option{"gate-timeout", 0, "DURATION", "how long the gate may take",
                                            "10m"};
inline constexpr Option stop_at_option{
    "stop-at", 0, "LIMIT",
    "how many operations of a wave may fail, as a number or a share; with one more nothing more is sent",
    "5%"};

/// Help text of the four options above. A macro, so that string literals beside it are concatenated.
#define USHER_ABOUT_WAVES                                                                                 \
  "With --waves a few people go first, with all their accounts, then more, then everybody else. Between " \
  "two waves the gate must end with 0, and in no wave may more operations fail than --stop-at allows; "   \
  "otherwise the rest is skipped. docs/control.md describes the order of people and the input of a gate."

/// What --waves, --gate, --gate-timeout and --stop-at ask for. Throws CommandError(usage) for what they
/// cannot be, and for a gate without waves.
WaveRules wave_rules(const Arguments& arguments);

/// What --pull and --offline ask for. Throws CommandError(usage) for both.
Refresh refresh(const Arguments& arguments);

/// Pulls these platforms (none: all), and logs what cannot be read of them; logs_unread: also log_unread().
/// Throws CommandError(time_budget) when a stop was requested meanwhile.
std::vector<PullReport> pull_platforms(const Call& call, Session& session, Refresh refresh,
                                       const std::vector<std::string>& platforms = {},
                                       bool logs_unread = true);
/// Logs which platforms were not read, or not completely, and why.
void log_unread(const std::vector<PullReport>& pulls);

/// The plan as text; with a hint how to see all of it.
std::string plan_text(const Call& call, const Plan& plan);

/// Shows a plan that is about to be carried out: on standard output, or beside a result in JSON on standard
/// error. With a question, a person reads it first, in a pager where it does not fit, and only 'yes' agrees;
/// other commands work on the state meanwhile, see Session::while_others_work(). Without one it is agreed.
/// more: text below it.
bool agreed(const Call& call, Session& session, const Plan& plan, const std::optional<std::string>& question,
            const std::string& more = {});
/// The same where a plan is shown otherwise.
bool agreed(const Call& call, Session& session, std::string_view question);

/// Prints a plan that is not carried out, as --dry-run asks for it.
ExitCode end_dry(const Call& call, const Plan& plan);

/// Applies a plan and prints what became of it. pulls: that came before it; how they ended counts too. news:
/// is told of all of it.
ExitCode carry_out(const Call& call, Session& session, const Plan& plan, const std::vector<PullReport>& pulls,
                   RunNews& news, const WaveRules& waves = {});

/// Prints what became of a plan. pulls: as for carry_out().
ExitCode conclude(const Call& call, const Plan& plan, const ApplyReport& report,
                  const std::vector<PullReport>& pulls);

/// Remembers that what guards held in the last apply() stands as text on standard output, if that took it.
void told_at_length(const Call& call, Session& session, const ApplyReport& report);

/// Says on standard error what is so at the end, unless there is nothing but changes to tell; answers the
/// code.
ExitCode ended(const Call& call, const Conditions& conditions);

}  // namespace usher::cli
