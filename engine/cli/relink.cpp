#include <fmt/format.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/planning.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher::cli {

namespace {

void print_links(const Call& call, const char* report, const std::vector<Relinked>& accounts) {
  if (call.json()) {
    nlohmann::ordered_json json{{"report", report}, {"exit", exit_json(ExitCode::done)}};
    json.update(nlohmann::ordered_json::parse(summary_of(accounts)));
    return call.print_json(json);
  }
  std::string text;
  for (const Relinked& one : accounts) {
    text += one.person.empty() ? fmt::format("{}: account {} is nobody's now; it was that of {}\n",
                                             escaped(one.platform), escaped(one.account), escaped(one.was))
                               : fmt::format("{}: account {} is that of {} now{}\n", escaped(one.platform),
                                             escaped(one.account), escaped(one.person),
                                             one.was.empty() ? "" : "; it was that of " + escaped(one.was));
  }
  call.print(text + "'usher plan' shows what follows.\n");
}

std::string platform_option(const Call& call) {
  const std::string platform = call.arguments.text("on");
  if (platform.empty()) throw CommandError(ExitCode::usage, "Say on which platform: --on PLATFORM.");
  return platform;
}

ExitCode run_link(const Call& call) {
  const auto operands = call.arguments.operands();
  Session session(call.common(), call.progress, call.stop);
  print_links(call, "link", {session.link(operands[0], operands[1], platform_option(call))});
  return ExitCode::done;
}

ExitCode run_unlink(const Call& call) {
  Session session(call.common(), call.progress, call.stop);
  print_links(call, "unlink", {session.unlink(call.arguments.operands().front(), platform_option(call))});
  return ExitCode::done;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\"");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1);
}

/// Programs that write tables mark a file as UTF-8 with three bytes.
std::string without_mark(const std::string& line) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return line.starts_with(mark) ? line.substr(mark.size()) : line;
}

/// Lines of two columns: the key before and the key now, between them a comma, a semicolon or a tab.
std::vector<NewKey> new_keys(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw CommandError(ExitCode::usage, fmt::format("{} cannot be opened.", escaped(file)));
  std::vector<NewKey> keys;
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    if (++number == 1) line = without_mark(line);
    if (trimmed(line).empty()) continue;
    const std::size_t between = line.find_first_of(",;\t");
    const bool two =
        between != std::string::npos && line.find_first_of(",;\t", between + 1) == std::string::npos;
    NewKey key;
    if (two) key = {trimmed(line.substr(0, between)), trimmed(line.substr(between + 1))};
    if (key.before.empty() || key.now.empty()) {
      throw CommandError(ExitCode::usage,
                         fmt::format("{}:{}: two columns are wanted here, the key before and the key now.",
                                     escaped(file), number));
    }
    keys.push_back(std::move(key));
  }
  if (keys.empty()) throw CommandError(ExitCode::usage, fmt::format("{} names nobody.", escaped(file)));
  return keys;
}

ExitCode run_relink(const Call& call) {
  const auto operands = call.arguments.operands();
  const std::string file = call.arguments.text("from");
  if (file.empty() == (operands.size() != 2))
    throw CommandError(ExitCode::usage,
                       "Give the key before and the key now, or a file of both with --from.");
  std::vector<NewKey> people =
      file.empty() ? std::vector<NewKey>{{operands[0], operands[1]}} : new_keys(file);
  Session session(call.common(), call.progress, call.stop);
  if (people.size() > 1 && !session.knows_key(people[0].before) && !session.knows_key(people[0].now)) {
    write_problem(call.console,
                  fmt::format("usher: the first line of {} is taken for a header: nobody has "
                              "the key '{}' or '{}'.",
                              escaped(file), escaped(people[0].before), escaped(people[0].now)));
    people.erase(people.begin());
  }
  print_links(call, "relink", session.relink(people));
  return ExitCode::done;
}

constexpr std::array account_options{Option{"on", 0, "PLATFORM", "the platform the account is on"},
                                     reason_option, metrics_option};
constexpr std::array link_operands{Operand{"PERSON", true}, Operand{"ACCOUNT", true}};
constexpr std::array unlink_operands{Operand{"PERSON", true}};
constexpr std::array relink_options{Option{"from", 0, "FILE", "a file of two columns: old key, new key"},
                                    reason_option, metrics_option};
constexpr std::array relink_operands{Operand{"OLD", false}, Operand{"NEW", false}};

}  // namespace

const Command link_command{
    .name = "link",
    .summary = "link an account to a person",
    .examples = "  usher link E1042 7f3a91 --on iot   # this account is that of E1042\n",
    .about =
        "Records that the account with the id ACCOUNT belongs to PERSON, who must be declared. Use it "
        "for an account that no rule finds, or that several people match. An account linked to somebody "
        "who is gone is handed on; one linked to somebody who is declared must be unlinked first. "
        "Nothing is written to a platform: the next plan brings the account to what PERSON should have.\n\n"
        "The link is a run of its own in the journal. Ends with 0, or 64 when the person, the account or "
        "the platform is not known.",
    .options = account_options,
    .operands = link_operands,
    .run = run_link,
};

const Command unlink_command{
    .name = "unlink",
    .summary = "end the link between a person and an account",
    .examples = "  usher unlink E1042 --on iot\n",
    .about =
        "Ends the link between PERSON and their account on the platform. Nothing is written there: the "
        "account stays unchanged and is linked to nobody. The next plan looks for the account of PERSON, "
        "and for the owner of the account, by the match rules.\n\n"
        "It is a run of its own in the journal. Ends with 0, or 64 when PERSON has no account there.",
    .options = account_options,
    .operands = unlink_operands,
    .run = run_unlink,
};

const Command relink_command{
    .name = "relink",
    .summary = "record that people have new keys",
    .examples =
        "  usher relink C77 E901          # C77 is E901 by now\n"
        "  usher relink --from keys.csv   # a whole renumbering, in two columns\n",
    .about =
        "Moves everything that OLD has on every platform to NEW, who must be declared: the accounts, the "
        "values that unique() chose, and what the state records of them. No account is disabled or "
        "created. Either all pairs of a file are moved or none; a first line with two keys that nobody "
        "has or had is a header.\n\n"
        "The plan reports people whose key seems to have changed with a note 'renumbered'; with 'rekey: "
        "by-match' under 'people' what a match rule finds is moved without asking.\n\n"
        "It is a run of its own in the journal. Ends with 0, or 64 when OLD is still declared, NEW is "
        "not, or NEW has an account of its own there.",
    .options = relink_options,
    .operands = relink_operands,
    .run = run_relink,
};

}  // namespace usher::cli
