#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/approval_rules.hpp"
#include "state/store/approvals.hpp"
#include "state/store/database.hpp"

namespace usher {

/// A signature of an approval, as it is worth now.
struct CheckedSignature {
  ApprovalSignature given;
  std::string why_not;  ///< empty: it counts
};

/// Who signed the approvals of one state, by the configuration and the file of allowed signers as they are
/// now: each signature is verified against what the state says of the approval. A person counts once, however
/// many keys, and a key once, however many people may use it. Refers to what it was made from. One thread.
class ApprovalSigners {
 public:
  ApprovalSigners(Database& database, const ApprovalRules& rules) : database_(database), rules_(rules) {}

  /// What is signed, the same text for everybody.
  std::string statement(const Approval& approval);
  /// In the order they were given.
  std::vector<CheckedSignature> check(const Approval& approval);
  bool are_enough(std::size_t signers) const { return signers >= rules_.required; }
  /// Who this signature is by; why it counts for nobody who has not signed yet.
  tl::expected<std::string, std::string> signer(const Approval& approval, const std::string& signature);

 private:
  Database& database_;
  const ApprovalRules& rules_;
};

/// Approvals::holding() without those that not enough people signed, where the configuration asks for
/// signatures; each with its signers. The log says which these are, and why.
std::multimap<std::string, Approval> admitting_approvals(Database& database, const ApprovalRules& rules,
                                                         std::string_view now, bool done_too = false);

}  // namespace usher
