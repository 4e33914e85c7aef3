#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/state.hpp"
#include "engine/cli/until.hpp"
#include "engine/runtime/starter.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/acceptances.hpp"
#include "state/store/plans.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t plans_searched = 20;  // the newest ones

/// The note of one of the last plans whose id begins so.
Note note_called(Database& database, const std::string& name) {
  Plans plans(database.connection());
  std::optional<Note> found;
  for (const std::string& digest : plans.newest(plans_searched)) {
    const Plan plan = plan_from_json(plans.load(digest)->content, digest);
    for (const Note& note : plan.notes) {
      if (!id_of(note).starts_with(name)) continue;
      if (found && id_of(*found) != id_of(note))
        throw CommandError(ExitCode::usage, fmt::format("Several notes begin with '{}'.", escaped(name)));
      found = note;
    }
    if (found) break;
  }
  if (!found)
    throw CommandError(ExitCode::usage,
                       fmt::format("No note of the last plans is called '{}'. `usher plan` shows what is not "
                                   "done, each with its name.",
                                   escaped(name)));
  return *found;
}

nlohmann::ordered_json acceptance_json(const Acceptance& each) {
  return {{"note", each.note},
          {"kind", each.kind},
          {"platform", each.platform},
          {"subject", each.subject},
          {"cause", each.cause},
          {"given-at", each.given_at},
          {"until", each.until},
          {"actor", each.actor},
          {"reason", each.reason},
          {"revoked-at", each.revoked_at.empty() ? nlohmann::ordered_json(nullptr)
                                                 : nlohmann::ordered_json(each.revoked_at)}};
}

ExitCode print_acceptances(const Call& call, const std::vector<Acceptance>& acceptances,
                           const std::string& text) {
  if (call.json()) {
    auto list = nlohmann::ordered_json::array();
    for (const Acceptance& each : acceptances) list.push_back(acceptance_json(each));
    call.print_json({{"report", "accept"}, {"exit", exit_json(ExitCode::done)}, {"acceptances", list}});
  } else {
    call.print(text);
  }
  return ExitCode::done;
}

ExitCode list_acceptances(const Call& call) {
  Database database = open_state(call);
  const std::vector<Acceptance> all = Acceptances(database.connection()).all();
  Table table(std::vector<Table::Align>(6, Table::Align::left));
  table.row({"note", "state", "by", "platform", "about", "reason"});
  const std::string now = now_text();
  for (const Acceptance& each : all) {
    const std::string state = !each.revoked_at.empty() ? "revoked " + each.revoked_at
                              : each.until <= now      ? "expired " + each.until
                                                       : "until " + each.until;
    table.row({each.note, state, escaped(each.actor), escaped(each.platform),
               fmt::format("{} {}", each.kind, escaped(each.subject)), escaped(each.reason)});
  }
  return print_acceptances(call, all, all.empty() ? "Nothing is accepted.\n" : table.text());
}

ExitCode run_accept(const Call& call) {
  if (call.arguments.flag("list")) return list_acceptances(call);
  const std::vector<std::string>& names = call.arguments.operands();
  if (names.empty())
    throw CommandError(ExitCode::usage, "Which note? `usher plan` shows them, --list what is accepted.");
  Database database = open_state(call, Access::write);
  Acceptances acceptances(database.connection());
  std::vector<Acceptance> changed;
  std::string text;
  if (call.arguments.flag("revoke")) {
    for (const std::string& name : names) {
      if (!acceptances.revoke(name, now_text()))
        throw CommandError(ExitCode::usage, fmt::format("'{}' is not accepted; see --list.", escaped(name)));
      text += fmt::format("{} asks for attention again.\n", escaped(name));
    }
    return print_acceptances(call, changed, text);
  }
  const std::string reason = call.arguments.text("reason");
  if (reason.empty() || !call.arguments.find("until"))
    throw CommandError(ExitCode::usage, "Give --until TIME and --reason TEXT.");
  const std::string until = until_text("until", call.arguments.text("until"));
  for (const std::string& name : names) {
    const Note note = note_called(database, name);
    if (severity_of(note.kind) != Severity::attention)
      throw CommandError(ExitCode::usage, fmt::format("{} asks for no attention.", escaped(name)));
    changed.push_back({id_of(note), to_string(note.kind), note.platform, note.subject(), note.why(),
                       now_text(), until, started_by().text(), reason});
    acceptances.give(changed.back());
    text += fmt::format("{}: it asks for no attention until {}.\n  {} {}{}: {}\n", id_of(note), until,
                        escaped(note.platform), to_string(note.kind),
                        note.subject().empty() ? "" : " of " + escaped(note.subject()), escaped(note.why()));
  }
  return print_acceptances(call, changed, text);
}

constexpr std::array accept_options{
    Option{"until", 0, "TIME", "how long it is accepted: 2026-12-31, 2026-12-31T18:00:00Z, 12h, 7d"},
    Option{"reason", 0, "TEXT", "why; it is kept with your name"},
    Option{"list", 'l', {}, "show current and past acceptances"},
    Option{"revoke", 0, {}, "end the acceptance"},
    metrics_option,
};
constexpr std::array accept_operands{Operand{"NOTE", false, true}};

}  // namespace

const Command accept_command{
    .name = "accept",
    .summary = "accept for a limited time that something is not done",
    .examples =
        "  usher accept 3f9a1c02bd --until 2026-12-31 --reason \"leaves this year\"\n"
        "  usher accept --list\n"
        "  usher accept --revoke 3f9a1c02bd\n",
    .about =
        "A note that asks for attention says that a plan leaves something undone although nobody decided "
        "that. Every run prints it, also with --quiet, and does not end with 0. Accepting a note, by the "
        "name that `usher plan` shows beside it, stops that until the given time.\n\n"
        "An acceptance applies to this kind of note, this platform, this person or group and this cause. "
        "If one of them differs, or the time is over, the note asks for attention again. A permanent "
        "decision belongs in the configuration; `usher validate` shows the lines.",
    .options = accept_options,
    .operands = accept_operands,
    .run = run_accept,
};

}  // namespace usher::cli
