#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/cli/command.hpp"
#include "rules/approval_rules.hpp"
#include "state/model/plan.hpp"
#include "state/store/approvals.hpp"

namespace usher::cli {

// The signatures that `approvals` of the configuration asks for, as `usher approve` takes them.

inline constexpr Option sign_with_option{
    "sign-with", 0, "KEY", "sign with this SSH key; a public key: with the private key in the SSH agent"};
inline constexpr Option statement_option{.name = "statement",
                                         .value = "FILE",
                                         .about = "write the text to be signed, to sign it elsewhere",
                                         .writes = true};
inline constexpr Option signature_option{"signature", 0, "FILE", "add a signature that was made elsewhere"};

/// What the configuration says of approvals; of nobody where --state stands for a configuration that is not
/// there. Throws CommandError(configuration_invalid).
ApprovalRules approval_rules(const Call& call);

/// Whether one of the options above is given. Throws CommandError(usage) where the configuration asks for no
/// signatures.
bool signs(const Call& call, const ApprovalRules& rules);

/// Does what the options above ask for with one approval. A signature may wait for a passphrase or a touched
/// key: the state is open for writing only to keep what was made, so that no other command waits for it.
/// Throws CommandError for an approval that nobody can sign and for a signature that does not count.
void sign(const Call& call, const ApprovalRules& rules, std::int64_t id);

/// What a plan holds in a lane, as an approval of it admits it.
std::vector<ApprovedOperation> held_in(const Plan& plan, const std::string& lane);
/// "until …", "expired …", "revoked …", "all done"
std::string standing_text(const Approval& approval, const std::string& now);

}  // namespace usher::cli
