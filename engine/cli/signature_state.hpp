#pragma once

#include <algorithm>
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/plan/approval_signers.hpp"
#include "rules/approval_rules.hpp"
#include "state/store/approvals.hpp"
#include "state/store/database.hpp"

namespace usher::cli {

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
