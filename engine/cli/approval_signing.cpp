#include "engine/cli/approval_signing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/cli/atomic_file.hpp"
#include "engine/plan/ssh_signature.hpp"
#include "engine/runtime/starter.hpp"
#include "engine/runtime/time.hpp"
#include "rules/config.hpp"
#include "state/model/sha256.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t longest_signature = 64 * 1024;

std::string signature_in(const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text(longest_signature, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (text.empty())
    throw CommandError(ExitCode::failed, fmt::format("No signature can be read from {}: {}.", escaped(file),
                                                     errno == 0 ? "it is empty" : std::strerror(errno)));
  return text;
}

std::string made_signature(const Call& call, const std::string& statement) {
  if (const auto file = call.arguments.find("signature")) return signature_in(*file);
  auto signature = ssh_signature(call.arguments.text("sign-with"), statement);
  if (!signature)
    throw CommandError(ExitCode::failed, fmt::format("Nothing is signed: {}.", escaped(signature.error())));
  return std::move(*signature);
}

void write_statement(const std::string& file, const std::string& statement) {
  AtomicFile out(file, "statement");
  out.write(statement);
  out.commit();
}

}  // namespace

ApprovalRules approval_rules(const Call& call) {
  const std::string file = call.arguments.text("config");
  std::error_code error;
  if (call.arguments.find("state") && !std::filesystem::exists(file, error)) return {};
  const auto config = load_config(file, Secrets::skip);
  if (!config) throw CommandError(ExitCode::configuration_invalid, to_string(config.error()));
  return config->approvals;
}

bool signs(const Call& call, const ApprovalRules& rules) {
  const Arguments& given = call.arguments;
  const bool any = given.find("sign-with") || given.find("signature") || given.find("statement");
  if (any && rules.required == 0)
    throw CommandError(ExitCode::usage,
                       "Nobody has to sign: the configuration has no 'approvals' with 'required' and 'by'.");
  if (given.find("sign-with") && given.find("signature"))
    throw CommandError(ExitCode::usage, "--sign-with and --signature exclude each other.");
  return any;
}

nlohmann::json sign(const Call& call, Database& database, const ApprovalRules& rules,
                    const Approval& approval) {
  ApprovalSigners signers(database, rules);
  const std::string statement = signers.statement(approval);
  if (const auto file = call.arguments.find("statement")) write_statement(*file, statement);
  if (!call.arguments.find("sign-with") && !call.arguments.find("signature")) return nlohmann::json::object();
  const std::string signature = made_signature(call, statement);
  const auto signer = signers.signer(approval, signature);
  if (!signer)
    throw CommandError(
        ExitCode::failed,
        fmt::format("This is no signature that counts for approval {} of this state, as it is "
                    "now: {}. `usher approve {} --statement FILE` writes what is to be signed.",
                    approval.id, escaped(signer.error()), approval.id));
  Approvals(database.connection()).sign(approval.id, {*signer, signature, now_text(), started_by().text()});
  return {{"signed-by", *signer}, {"signature", sha256(signature)}};
}

SignatureState signature_state(Database& database, const ApprovalRules& rules, const Approval& approval,
                               const std::string& now) {
  SignatureState state;
  state.required = rules.required;
  const bool open = approval.holds(now) && approval.done < approval.operations;
  if (rules.required > 0 && open) {
    state.signatures = ApprovalSigners(database, rules).check(approval);
  } else {
    for (ApprovalSignature& one : Approvals(database.connection()).signatures_of(approval.id))
      state.signatures.push_back({std::move(one), ""});
  }
  for (const CheckedSignature& one : state.signatures)
    if (one.why_not.empty()) state.signers.push_back(one.given.principal);
  for (const std::string& name : rules.by)
    if (std::ranges::find(state.signers, name) == state.signers.end()) state.others.push_back(name);
  return state;
}

nlohmann::ordered_json to_json(const SignatureState& state) {
  auto signatures = nlohmann::ordered_json::array();
  for (const CheckedSignature& one : state.signatures)
    signatures.push_back({{"principal", one.given.principal},
                          {"given-at", one.given.given_at},
                          {"actor", one.given.actor},
                          {"counts", one.why_not.empty()},
                          {"why-not", one.why_not.empty() ? nlohmann::ordered_json(nullptr)
                                                          : nlohmann::ordered_json(one.why_not)}});
  return {{"required", state.required}, {"missing", state.missing()}, {"signatures", signatures}};
}

std::string cell_text(const SignatureState& state) {
  if (state.required == 0) return fmt::format("{}", fmt::join(state.signers, ", "));
  return fmt::format("{} of {}{}{}", state.signers.size(), state.required, state.signers.empty() ? "" : ": ",
                     fmt::join(state.signers, ", "));
}

std::string advice(const SignatureState& state, const Approval& approval) {
  std::string text;
  for (const CheckedSignature& one : state.signatures)
    if (!one.why_not.empty())
      text += fmt::format("The signature of {} does not count: {}.\n", escaped(one.given.principal),
                          escaped(one.why_not));
  if (state.missing() == 0)
    return text + fmt::format("Approval {} is signed by {}.\n", approval.id,
                              escaped(fmt::format("{}", fmt::join(state.signers, " and "))));
  return text + fmt::format(
                    "Approval {0} admits nothing yet: {1} of {2} signed it, and {3} more of {4} must:\n"
                    "  usher approve {0} --sign-with KEY\n"
                    "or, where the key is elsewhere:\n"
                    "  usher approve {0} --statement FILE\n"
                    "  ssh-keygen -Y sign -n {5} -f KEY FILE\n"
                    "  usher approve {0} --signature FILE.sig\n",
                    approval.id, state.signers.size(), state.required, state.missing(),
                    escaped(fmt::format("{}", fmt::join(state.others, ", "))), signature_namespace);
}

}  // namespace usher::cli
