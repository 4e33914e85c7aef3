#include "engine/cli/signature_state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/plan/ssh_signature.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher::cli {

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
