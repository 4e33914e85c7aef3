#include <fmt/format.h>

#include <array>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/cli/commands.hpp"
#include "engine/cli/planning.hpp"

namespace usher::cli {

namespace {

Session::Holder holder_of(const Call& call) {
  const auto& words = call.arguments.operands();
  if (words.size() < 2)
    throw CommandError(ExitCode::usage, "Which platform? See 'usher credentials --help'.");
  return {words[1], call.arguments.text("only"), call.arguments.text("kind")};
}

ExitCode list(const Call& call) {
  const Session::Holder holder = holder_of(call);
  if (holder.key.empty()) throw CommandError(ExitCode::usage, "Whose? Give --only KEY.");
  Session session(call.common(), call.progress, call.stop);
  const Session::Held held = session.credentials(holder);
  if (call.json()) {
    auto rows = nlohmann::ordered_json::array();
    for (const Credential& one : held.credentials)
      rows.push_back({{"kind", one.kind}, {"id", one.id}, {"name", one.name}, {"expires", one.expires}});
    call.print_json({{"report", "credentials"},
                     {"exit", exit_json(ExitCode::done)},
                     {"platform", holder.platform},
                     {"account", held.account},
                     {"person", held.person},
                     {"label", held.label},
                     {"credentials", rows}});
    return ExitCode::done;
  }
  Table table({Table::Align::left, Table::Align::left, Table::Align::left, Table::Align::left});
  table.row({"kind", "id", "name", "expires"});
  for (const Credential& one : held.credentials)
    table.row({visible(one.kind), visible(one.id), visible(one.name), visible(one.expires)});
  call.print(fmt::format("{} on {} has {}.\n{}", visible(held.label), visible(holder.platform),
                         counted(held.credentials.size(), "credential", "credentials"),
                         held.credentials.empty() ? std::string() : table.text(2)));
  return ExitCode::done;
}

std::string question(const Operation& operation) {
  const bool all = operation.credential.empty() && operation.kind == OperationKind::revoke;
  return fmt::format("{} {} of {} on {}?", operation.kind == OperationKind::rotate ? "Renew the" : "Revoke",
                     all ? "every " + operation.route : operation.route, visible(operation.label),
                     visible(operation.platform));
}

ExitCode change(const Call& call, OperationKind act) {
  const bool ask = !call.arguments.flag("yes");
  if (ask && !call.console.in_is_terminal)
    throw CommandError(ExitCode::usage,
                       "Standard input is not a terminal, so nobody can be asked. Give --yes.");
  Session session(call.common(), call.progress, call.stop);
  const Plan plan = session.credential_plan(holder_of(call), act, call.arguments.text("id"));
  if (ask && !agreed(call, question(plan.operations.front()))) {
    call.console.err << "Nothing was done.\n";
    return ExitCode::changes_pending;
  }
  return carry_out(call, session, plan);
}

ExitCode run_credentials(const Call& call) {
  const std::string& act = call.arguments.operands().front();
  if (act == "list") return list(call);
  if (act == "rotate") return change(call, OperationKind::rotate);
  if (act == "revoke") return change(call, OperationKind::revoke);
  throw CommandError(ExitCode::usage, fmt::format("'{}' is not list, rotate or revoke{}", visible(act),
                                                  suggestion(act, {"list", "rotate", "revoke"})));
}

constexpr std::array credentials_options{
    Option{"only", 0, "KEY", "whose: a person's key, an account's id, or what the platform finds it by"},
    Option{"kind", 0, "KIND", "which kind of credential, where there are several"},
    Option{"id", 0, "ID", "revoke this one; otherwise all of the kind"},
    Option{"yes", 'y', {}, "do not ask"},
};
constexpr std::array credentials_operands{Operand{"list|rotate|revoke", true}, Operand{"PLATFORM"}};

}  // namespace

const Command credentials_command{
    .name = "credentials",
    .summary = "list, renew and revoke passwords, tokens and sessions",
    .examples =
        "  usher credentials list crm --only E1042\n"
        "  usher credentials rotate crm --only E1042\n"
        "  usher credentials revoke crm --only E1042 --kind api-token --id 3xUq\n"
        "  usher credentials rotate iot --kind own-password\n",
    .about =
        "`list` tells what a platform tells: kinds, ids and names, never a secret. `rotate` puts a new "
        "secret "
        "in "
        "place of the old one; it goes where the secrets of new accounts go (accounts.PLATFORM.credentials), "
        "and nowhere else. Where the platform only sends the person a mail, that is what it does. `revoke` "
        "takes away one credential, or all of a kind. What a platform has says `usher connector show "
        "NAME`.\n\n"
        "The password usher itself logs in with is renewed only when it is named, like `--kind "
        "own-password`; put the new one into the configuration's secret before the next run.\n\n"
        "Ends with 0 when it is done, 1 when the platform refused, 64 when it cannot be done.",
    .options = credentials_options,
    .operands = credentials_operands,
    .run = run_credentials,
};

}  // namespace usher::cli
