#pragma once

#include <algorithm>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/cli/command.hpp"
#include "engine/plan/approval_signers.hpp"
#include "rules/approval_rules.hpp"
#include "state/store/approvals.hpp"
#include "state/store/database.hpp"

namespace usher::cli {

// The signatures that `approvals` of the configuration asks for, as `usher approve` takes and shows them.

inline constexpr Option sign_with_option{
    "sign-with", 0, "KEY", "sign with this SSH key, or by its public half with the one that an agent has"};
inline constexpr Option statement_option{.name = "statement",
                                         .value = "FILE",
                                         .about = "write what is to be signed, to sign it elsewhere",
                                         .writes = true};
inline constexpr Option signature_option{"signature", 0, "FILE", "take a signature that was made elsewhere"};

/// What the configuration says of approvals; of nobody where --state stands for a configuration that is not
/// there. Throws CommandError(configuration_invalid).
ApprovalRules approval_rules(const Call& call);

/// Whether one of the options above is given. Throws CommandError(usage) where the configuration asks for no
/// signatures.
bool signs(const Call& call, const ApprovalRules& rules);

/// Does what the options above ask for and answers what the record of the run says of it; an empty object:
/// nothing was signed. Throws CommandError for a signature that does not count.
nlohmann::json sign(const Call& call, Database& database, const ApprovalRules& rules,
                    const Approval& approval);

/// Who signed an approval and who is missing.
struct SignatureState {
  std::size_t required = 0;  ///< 0: nobody has to
  std::vector<CheckedSignature> signatures;
  std::vector<std::string> signers;  ///< whose signatures count
  std::vector<std::string> others;   ///< who could still sign

  std::size_t missing() const { return required - std::min(required, signers.size()); }
};
/// Signatures are verified where the approval still holds as of `now`.
SignatureState signature_state(Database& database, const ApprovalRules& rules, const Approval& approval,
                               const std::string& now);
nlohmann::ordered_json to_json(const SignatureState& state);
/// "1 of 2: ada@example.com"
std::string cell_text(const SignatureState& state);
/// What is still to be done, and how; or that it is signed.
std::string advice(const SignatureState& state, const Approval& approval);

}  // namespace usher::cli
