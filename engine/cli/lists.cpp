#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/listing.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"

namespace usher::cli {

namespace {

ExitCode run_orphans(const Call& call) {
  Inquiry inquiry(call.common());
  const std::string on = platform_asked_for(call, inquiry);
  Forecast forecast(inquiry.setup(), inquiry.database().file(), call.progress);
  print_list(call, list_of(orphans(inquiry, forecast, forecast.plan(), on)));
  return ExitCode::done;
}

ExitCode run_links(const Call& call) {
  Inquiry inquiry(call.common());
  const std::string on = platform_asked_for(call, inquiry);
  Connection& connection = inquiry.database().connection();
  std::vector<LinkRow> rows;
  std::map<std::string, PlatformState> platforms;
  for (const PlatformState& platform : Snapshots(connection).platforms()) {
    if (!on.empty() && platform.name != on) continue;
    platforms[platform.name] = platform;
    Links(connection).for_each_by_person(platform.platform, [&](const Link& link) {
      rows.push_back({platform.name, link.person, link.account, to_string(link.how), link.since});
    });
  }
  const auto label = [&](const LinkRow& row) -> std::string {
    const PlatformState& platform = platforms.at(row.platform);
    const auto account =
        Snapshots(connection).find(platform.platform, inquiry.database().fingerprints().of_id(row.account));
    if (account) return inquiry.label(row.platform, account->account);
    return row.since >= platform.started_at ? "(no pull shows it yet)" : "(gone)";
  };
  print_list(call, list_of(rows, label));
  return ExitCode::done;
}

ExitCode run_leaving(const Call& call) {
  const bool csv = wants_csv(call), ics = call.arguments.flag("ics");
  if (ics && (csv || call.json()))
    throw CommandError(ExitCode::usage,
                       "--ics prints a calendar: give it without --output csv and --output json.");
  Inquiry inquiry(call.common());
  Forecast forecast(inquiry.setup(), inquiry.database().file(), call.progress);
  const PlannedLosses lost = losses(forecast, static_cast<int>(call.arguments.number("days")));
  const ExitCode code = lost.unknown.empty() ? ExitCode::done : ExitCode::source_incomplete;
  if (call.json()) {
    auto json = list_json(list_of(lost.found), code);
    json["unknown"] = lost.unknown;
    call.print_json(json);
  } else if (ics) {
    call.print(calendar_of(lost.found, now_text()));
  } else {
    print_list(call, list_of(lost.found), code);
  }
  for (const std::string& sentence : lost.unknown) call.say_problem("usher: " + escaped(sentence));
  return code;
}

constexpr std::array list_options{on_option, list_output_option, csv_option};
constexpr std::array leaving_options{
    Option{"days", 0, "N", "how far to look ahead", "14"},
    list_output_option,
    csv_option,
    Option{"ics", 0, {}, "write a calendar (iCalendar, RFC 5545)"},
};

}  // namespace

const Command orphans_command{
    .name = "orphans",
    .summary = "list the accounts that are linked to nobody",
    .examples =
        "  usher orphans\n"
        "  usher orphans --on iot --output csv > orphans.csv\n",
    .about =
        "Lists the accounts that are linked to nobody and match nobody, as of the last pulls, and what "
        "the rules do with each, when and why. Without `orphans` in the rules of a platform they are "
        "left unchanged. The account usher itself logs in with is marked.",
    .options = list_options,
    .operands = {},
    .run = run_orphans,
};

const Command links_command{
    .name = "links",
    .summary = "list which account is linked to whom, how and since when",
    .examples =
        "  usher links --on iot\n"
        "  usher links --output csv > links.csv\n",
    .about =
        "Lists the links between persons and accounts: how each came about and since when it exists. "
        "Links of a plan that was not applied yet are not included.",
    .options = list_options,
    .operands = {},
    .run = run_links,
};

const Command leaving_command{
    .name = "leaving",
    .summary = "list who loses what in the coming days",
    .examples =
        "  usher leaving --days 14\n"
        "  usher leaving --output csv > leaving.csv\n"
        "  usher leaving --ics > leaving.ics   # for a calendar\n",
    .about =
        "Makes the plan of each of the coming days, based on the last pulls and the current rules, and "
        "lists what each plan removes for the first time: accounts at the end of their grace period, and "
        "memberships and accounts that a rule ends by date. Today's removals are included. Removals that "
        "a guard would hold are marked. What usher wrote since the last pulls counts as seen.\n\n"
        "Ends with 0, or with 8 when a platform or a source was not read completely: then standard error "
        "names the accounts whose losses cannot be determined.",
    .options = leaving_options,
    .operands = {},
    .run = run_leaving,
};

}  // namespace usher::cli
