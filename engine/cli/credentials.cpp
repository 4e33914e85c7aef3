#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/cli/commands.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/notifying.hpp"
#include "engine/cli/plan_report.hpp"
#include "engine/cli/planning.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace {

CredentialQuery holder_of(const Call& call) {
  const auto& words = call.arguments.operands();
  if (words.size() < 2)
    throw CommandError(ExitCode::usage, "Which platform? See 'usher credentials --help'.");
  return {words[1], call.arguments.text("only"), call.arguments.text("kind")};
}

nlohmann::ordered_json held_json(const HeldCredentials& held) {
  auto rows = nlohmann::ordered_json::array();
  for (const Credential& one : held.credentials)
    rows.push_back({{"kind", one.kind}, {"id", one.id}, {"name", one.name}, {"expires", one.expires}});
  return {{"account", held.account}, {"person", held.person}, {"label", held.label}, {"credentials", rows}};
}

ExitCode list_one(const Call& call, const CredentialQuery& holder) {
  Session session(call.common(), call.progress, call.stop);
  const HeldCredentials held = session.credentials(holder);
  if (call.json()) {
    nlohmann::ordered_json out{
        {"report", "credentials"}, {"exit", exit_json(ExitCode::done)}, {"platform", holder.platform}};
    out.update(held_json(held));
    call.print_json(out);
    return ExitCode::done;
  }
  Table table({Table::Align::left, Table::Align::left, Table::Align::left, Table::Align::left});
  table.row({"kind", "id", "name", "expires"});
  for (const Credential& one : held.credentials)
    table.row({escaped(one.kind), escaped(one.id), escaped(one.name), escaped(one.expires)});
  call.print(
      fmt::format("{} on {} has {}.\n{}", escaped(held.label), escaped(holder.platform),
                  pluralised(held.credentials.size(), "credential", "credentials"),
                  held.credentials.empty() ? std::string() : table.text_within(call.style().columns, 2)));
  return ExitCode::done;
}

ExitCode list_all(const Call& call, const CredentialQuery& holder) {
  Session session(call.common(), call.progress, call.stop);
  const std::vector<HeldCredentials> all = session.all_credentials(holder.platform, holder.kind);
  if (call.json()) {
    auto accounts = nlohmann::ordered_json::array();
    for (const HeldCredentials& held : all) accounts.push_back(held_json(held));
    call.print_json({{"report", "credentials"},
                     {"exit", exit_json(ExitCode::done)},
                     {"platform", holder.platform},
                     {"accounts", accounts}});
    return ExitCode::done;
  }
  Table table(std::vector<Table::Align>(5, Table::Align::left));
  table.row({"account", "kind", "id", "name", "expires"});
  std::size_t count = 0;
  for (const HeldCredentials& held : all) {
    count += held.credentials.size();
    for (const Credential& one : held.credentials)
      table.row(
          {escaped(held.label), escaped(one.kind), escaped(one.id), escaped(one.name), escaped(one.expires)});
  }
  call.print(fmt::format("{} on {} {} {}.\n{}", pluralised(all.size(), "account", "accounts"),
                         escaped(holder.platform), all.size() == 1 ? "has" : "have",
                         pluralised(count, "credential", "credentials"),
                         all.empty() ? std::string() : table.text_within(call.style().columns, 2)));
  return ExitCode::done;
}

std::string question(const Operation& operation) {
  const bool all = operation.credential.empty() && operation.kind == OperationKind::revoke;
  return fmt::format("{} {} of {} on {}?", operation.kind == OperationKind::rotate ? "Renew the" : "Revoke",
                     all ? "every " + operation.route : operation.route, escaped(operation.label),
                     escaped(operation.platform));
}

/// Whose credentials are revoked, before anybody is asked for a yes.
std::string everybody_text(const Plan& plan, const TextStyle& style) {
  std::string text;
  const std::size_t shown =
      style.limit == 0 ? plan.changes.size() : std::min(style.limit, plan.changes.size());
  for (std::size_t i = 0; i < shown; ++i) text += "  " + escaped(plan.changes[i].label) + "\n";
  if (shown < plan.changes.size())
    text += fmt::format("  … and {} more; `{}` shows all\n", with_separators(plan.changes.size() - shown),
                        style.more);
  return text;
}

/// Without --only it is everybody's, and must be meant.
Plan plan_of(const Call& call, Session& session, const CredentialQuery& holder, OperationKind act) {
  const std::string id = call.arguments.text("id");
  if (!call.arguments.flag("everybody")) return session.credential_plan(holder, act, id);
  if (!holder.key.empty() || !id.empty() || act != OperationKind::revoke)
    throw CommandError(ExitCode::usage,
                       "--everybody goes with revoke, and neither with --only nor with --id.");
  return session.revocation_plan(holder.platform, holder.kind);
}

ExitCode change(const Call& call, OperationKind act, RunNews& news) {
  check_report_file(call);
  const bool ask = !call.arguments.flag("yes");
  if (ask && !call.console.in_is_terminal)
    throw CommandError(ExitCode::usage,
                       "Standard input is not a terminal, so nobody can be asked. Give --yes.");
  Session session(call.common(), call.progress, call.stop);
  const CredentialQuery holder = holder_of(call);
  const Plan plan = plan_of(call, session, holder, act);
  if (plan.operations.empty()) {
    if (call.json()) return carry_out(call, session, plan, {}, news);
    call.print(fmt::format("No account on {} has any.\n", escaped(holder.platform)));
    return ExitCode::done;
  }
  const bool everybody = call.arguments.flag("everybody");
  if (everybody)
    (call.json() ? call.console.err : call.console.out)
        << everybody_text(plan, call.style("usher show --all " + plan.digest.substr(0, 12))) << std::flush;
  const std::string asked =
      everybody
          ? fmt::format("Revoke every {} of {} on {}?", plan.operations.front().route,
                        pluralised(plan.operations.size(), "account", "accounts"), escaped(holder.platform))
          : question(plan.operations.front());
  if (ask && !agreed(call, session, asked)) {
    call.console.err << "Nothing was done.\n";
    return ExitCode::changes_pending;
  }
  return carry_out(call, session, plan, {}, news);
}

ExitCode list(const Call& call) {
  if (call.arguments.find("report"))
    throw CommandError(ExitCode::usage, "--report goes with rotate and revoke: a list makes no plan.");
  const CredentialQuery holder = holder_of(call);
  return holder.key.empty() ? list_all(call, holder) : list_one(call, holder);
}

ExitCode run_credentials(const Call& call) {
  const std::string& act = call.arguments.operands().front();
  if (act == "list") return list(call);
  if (act == "rotate" || act == "revoke") {
    const OperationKind kind = act == "rotate" ? OperationKind::rotate : OperationKind::revoke;
    return notifying(
        call, "credentials", [&](RunNews& news) { return change(call, kind, news); }, NewsScope::changes);
  }
  throw CommandError(
      ExitCode::usage,
      fmt::format("'{}' is not list, rotate or revoke{}", escaped(act),
                  did_you_mean(act, std::vector<std::string>{"list", "rotate", "revoke"}, ".")));
}

constexpr std::array credentials_options{
    Option{"only", 0, "KEY", "whose: a person's key, an account's id or natural key"},
    Option{"kind", 0, "KIND", "the kind of credential, where there are several"},
    Option{"id", 0, "ID", "revoke this one; otherwise all of the kind"},
    Option{"everybody", 0, {}, "revoke those of all accounts except usher's own"},
    Option{"yes", 'y', {}, "do not ask"},
    reason_option,
    report_option,
    metrics_option,
};
constexpr std::array credentials_operands{Operand{"list|rotate|revoke", true}, Operand{"PLATFORM"}};

}  // namespace

const Command credentials_command{
    .name = "credentials",
    .summary = "list, renew and revoke passwords, tokens and sessions",
    .examples =
        "  usher credentials list crm --only E1042\n"
        "  usher credentials rotate crm --only E1042\n"
        "  usher credentials list crm --kind api-token\n"
        "  usher credentials revoke crm --only E1042 --kind api-token --id 3xUq\n"
        "  usher credentials revoke crm --everybody --kind session\n"
        "  usher credentials rotate iot --kind own-password\n",
    .about =
        "`list` shows what a platform shows: kinds, ids and names, never a secret. `rotate` replaces a "
        "secret with a new one. The new secret goes only where the secrets of new accounts go "
        "(accounts.PLATFORM.credentials). Where the platform can only mail the person, `rotate` makes it "
        "do so. `revoke` revokes one credential, or all of a kind. Without --only, `list` covers "
        "everybody (at least one request for each account of the last pull). To revoke everybody's "
        "credentials, give --everybody: it shows whose they are, and asks. No guard holds this, because "
        "you requested it. `usher connector show NAME` lists the kinds of a platform.\n\n"
        "The password that usher itself logs in with is renewed only if it is named, as in `--kind "
        "own-password`; put the new one into the configuration's secret before the next run.\n\n"
        "Ends with 0 when it is done, 1 when the platform refused, 64 when it cannot be done.",
    .options = credentials_options,
    .operands = credentials_operands,
    .run = run_credentials,
};

}  // namespace usher::cli
