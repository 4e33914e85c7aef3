#include "engine/plan/approval_signers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/plan/ssh_signature.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

namespace {

/// Counts signatures of one approval in the order they come.
class SignatureCount {
 public:
  /// Why it does not count; empty: it does.
  std::string add(const SshSigner& signer) {
    if (people_.contains(signer.principal)) return signer.principal + " signed it already";
    const auto [at, is_new] = keys_.try_emplace(signer.key, signer.principal);
    if (!is_new) return fmt::format("its key {} signed it already, for {}", signer.key, at->second);
    people_.insert(signer.principal);
    return {};
  }

 private:
  std::set<std::string> people_;
  std::map<std::string, std::string> keys_;
};

/// Counts those that are kept, and says of each what it is worth.
std::vector<CheckedSignature> counted(const ApprovalRules& rules, const std::string& statement,
                                      const std::vector<ApprovalSignature>& given, SignatureCount& count) {
  std::vector<CheckedSignature> checked;
  for (const ApprovalSignature& one : given) {
    CheckedSignature& result = checked.emplace_back();
    result.given = one;
    if (std::ranges::find(rules.by, one.principal) == rules.by.end()) {
      result.why_not = fmt::format("the configuration does not let {} sign", one.principal);
      continue;
    }
    const auto signer = ssh_signer(rules.signers, {one.principal}, one.signature, statement);
    result.why_not = signer ? count.add(*signer) : signer.error();
  }
  return checked;
}

std::vector<std::string> those_that_count(const std::vector<CheckedSignature>& signatures) {
  std::vector<std::string> names;
  for (const CheckedSignature& one : signatures)
    if (one.why_not.empty()) names.push_back(one.given.principal);
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string ApprovalSigners::statement(const Approval& approval) {
  const auto operations = Approvals(database_.connection()).operations_of(approval.id);
  std::string text = fmt::format(
      "usher approval {}\nstate {}\nlanes {}\nplan {}\ngiven {} by {}\nuntil {}\nreason {}\nadmits {}:\n",
      approval.id, database_.identity(), escaped(fmt::format("{}", fmt::join(approval.lanes, " "))),
      approval.plan, approval.given_at, escaped(approval.actor), approval.until, escaped(approval.reason),
      pluralised(operations.size(), "operation", "operations"));
  for (const ApprovedOperation& one : operations)
    text += fmt::format("{} {}\n", escaped(one.digest), escaped(one.does));
  return text;
}

std::vector<CheckedSignature> ApprovalSigners::check(const Approval& approval) {
  SignatureCount count;
  return counted(rules_, statement(approval), Approvals(database_.connection()).signatures_of(approval.id),
                 count);
}

tl::expected<std::string, std::string> ApprovalSigners::signer(const Approval& approval,
                                                               const std::string& signature) {
  const std::string text = statement(approval);
  const auto signer = ssh_signer(rules_.signers, rules_.by, signature, text);
  if (!signer) return tl::unexpected(signer.error());
  SignatureCount count;
  counted(rules_, text, Approvals(database_.connection()).signatures_of(approval.id), count);
  if (std::string why = count.add(*signer); !why.empty()) return tl::unexpected(std::move(why));
  return signer->principal;
}

namespace {

/// An approval that admits nothing is told where a plan is made or carried out: somebody waits for it.
void tell_lack(const Approval& approval, const ApprovalRules& rules,
               const std::vector<CheckedSignature>& signatures, std::size_t counting) {
  std::string why;
  for (const CheckedSignature& one : signatures)
    if (!one.why_not.empty()) why += fmt::format("; that of {}: {}", one.given.principal, one.why_not);
  log({.level = why.empty() ? LogLevel::info : LogLevel::warning,
       .platform = {},
       .object = fmt::format("approval {}", approval.id),
       .action = "approve",
       .reason = fmt::format(
           "{} of {} count{}", counting,
           pluralised(static_cast<std::uint64_t>(rules.required), "signature", "signatures"), why),
       .message = "it admits nothing"});
}

}  // namespace

std::multimap<std::string, Approval> admitting_approvals(Database& database, const ApprovalRules& rules,
                                                         std::string_view now, bool done_too) {
  auto holding = Approvals(database.connection()).holding(now, done_too);
  if (rules.required == 0) return holding;
  ApprovalSigners all(database, rules);
  std::map<std::int64_t, std::vector<std::string>> signers;
  for (auto& [digest, approval] : holding) {
    const auto [known, is_new] = signers.try_emplace(approval.id);
    if (is_new) {
      const std::vector<CheckedSignature> signatures = all.check(approval);
      known->second = those_that_count(signatures);
      if (!all.are_enough(known->second.size())) tell_lack(approval, rules, signatures, known->second.size());
    }
    approval.signers = known->second;
  }
  std::erase_if(holding, [&](const auto& one) { return !all.are_enough(one.second.signers.size()); });
  return holding;
}

}  // namespace usher
