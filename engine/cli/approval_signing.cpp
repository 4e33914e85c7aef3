#include "engine/cli/approval_signing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "engine/cli/atomic_file.hpp"
#include "engine/cli/state.hpp"
#include "engine/plan/approval_signers.hpp"
#include "engine/plan/ssh_signature.hpp"
#include "engine/report/approved_act.hpp"
#include "engine/runtime/starter.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/run_record.hpp"
#include "rules/config.hpp"
#include "state/model/plan_json.hpp"
#include "state/model/sha256.hpp"
#include "state/store/plans.hpp"

namespace usher::cli {

namespace {

constexpr std::size_t longest_signature = 64 * 1024;

std::string signature_in(const std::string& file) {
  std::error_code none;
  const auto kind = std::filesystem::status(file, none).type();  // a FIFO would be waited for
  if (kind == std::filesystem::file_type::fifo || kind == std::filesystem::file_type::directory)
    throw CommandError(ExitCode::usage, fmt::format("{} is not a regular file.", escaped(file)));
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

std::string signature_text(const Call& call, const std::string& statement) {
  if (const auto file = call.arguments.find("signature")) return signature_in(*file);
  auto signature = ssh_signature(call.arguments.text("sign-with"), statement);
  if (!signature)
    throw CommandError(ExitCode::failed, fmt::format("Nothing is signed: {}.", escaped(signature.error())));
  return std::move(*signature);
}

/// It takes the place of nothing but another statement.
void write_statement(const std::string& file, const std::string& statement) {
  constexpr std::string_view head = "usher approval ";
  std::error_code none;
  if (std::filesystem::is_regular_file(file, none) && !std::filesystem::is_empty(file, none)) {
    std::string begin(head.size(), '\0');
    std::ifstream(file, std::ios::binary).read(begin.data(), static_cast<std::streamsize>(begin.size()));
    if (begin != head)
      throw CommandError(ExitCode::failed,
                         fmt::format("The statement '{}' is not written, for what stands there is not a "
                                     "statement; give another name, or remove it.",
                                     escaped(file)));
  }
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

std::vector<ApprovedOperation> held_in(const Plan& plan, const std::string& lane) {
  std::vector<ApprovedOperation> operations;
  for (const Operation& operation : plan.operations) {
    if (std::ranges::find(operation.held_by, lane) != operation.held_by.end())
      operations.push_back({approval_digest(operation), approved_act(plan, operation)});
  }
  return operations;
}

std::string standing_text(const Approval& approval, const std::string& now) {
  if (!approval.revoked_at.empty()) return "revoked " + approval.revoked_at;
  if (approval.done == approval.operations) return "all done";
  return (approval.holds(now) ? "until " : "expired ") + approval.until;
}

namespace {

/// What people read of an approval must be what it admits.
void stop_for_altered(Database& database, const Approval& approval) {
  const auto stored = Plans(database.connection()).load(approval.plan);
  if (!stored)
    throw CommandError(ExitCode::failed,
                       fmt::format("The plan {} of approval {} is not kept any more: give a new approval.",
                                   approval.plan.substr(0, 12), approval.id));
  const Plan plan = plan_from_json(stored->content, approval.plan);
  std::set<std::pair<std::string, std::string>> held;
  for (const std::string& lane : approval.lanes)
    for (ApprovedOperation& each : held_in(plan, lane))
      held.emplace(std::move(each.digest), std::move(each.does));
  for (const ApprovedOperation& each : Approvals(database.connection()).operations_of(approval.id)) {
    if (held.contains({each.digest, each.does})) continue;
    throw CommandError(ExitCode::failed,
                       fmt::format("Nothing is signed: approval {} says '{}', and the plan {} holds no such "
                                   "operation. The state was changed by something else than usher.",
                                   approval.id, escaped(each.does), approval.plan.substr(0, 12)));
  }
}

/// The approval of that number, which can still be signed.
Approval to_be_signed(Database& database, std::int64_t id) {
  const auto approval = Approvals(database.connection()).find(id);
  const std::string now = now_text();
  if (!approval) throw CommandError(ExitCode::usage, fmt::format("There is no approval {}; see --list.", id));
  if (!approval->holds(now))
    throw CommandError(ExitCode::usage, fmt::format("Approval {} is {}: nobody can sign it any more.", id,
                                                    standing_text(*approval, now)));
  stop_for_altered(database, *approval);
  return *approval;
}

/// A signature, and what it is of.
struct MadeSignature {
  std::string statement;
  ApprovalSignature given;
};

/// nullopt: none is asked for. Starts ssh-keygen and waits for it.
std::optional<MadeSignature> made_signature(const Call& call, Database& database, const ApprovalRules& rules,
                                            const Approval& approval) {
  ApprovalSigners signers(database, rules);
  const std::string statement = signers.statement(approval);
  if (const auto file = call.arguments.find("statement")) write_statement(*file, statement);
  if (!call.arguments.find("sign-with") && !call.arguments.find("signature")) return std::nullopt;
  const std::string signature = signature_text(call, statement);
  const auto signer = signers.signer(approval, signature);
  if (!signer)
    throw CommandError(
        ExitCode::failed,
        fmt::format("This is no signature that counts for approval {} of this state, as it is "
                    "now: {}. `usher approve {} --statement FILE` writes what is to be signed.",
                    approval.id, escaped(signer.error()), approval.id));
  return MadeSignature{statement, {*signer, signature, now_text(), started_by().text()}};
}

/// While somebody looked for the key, others went on.
void stop_for_change(Database& database, const ApprovalRules& rules, const Approval& approval,
                     const MadeSignature& made) {
  if (ApprovalSigners(database, rules).statement(approval) != made.statement)
    throw CommandError(
        ExitCode::failed,
        fmt::format("Nothing is signed: approval {} was changed meanwhile by something else than usher.",
                    approval.id));
  for (const ApprovalSignature& each : Approvals(database.connection()).signatures_of(approval.id))
    if (each.principal == made.given.principal)
      throw CommandError(ExitCode::failed, fmt::format("Approval {} is signed by {} already, meanwhile.",
                                                       approval.id, escaped(each.principal)));
}

}  // namespace

void sign(const Call& call, const ApprovalRules& rules, std::int64_t id) {
  std::optional<MadeSignature> made;
  {
    Database database = open_state(call);
    made = made_signature(call, database, rules, to_be_signed(database, id));
  }
  if (!made) return;
  Database database = open_state(call, Access::write);
  const Approval approval = to_be_signed(database, id);
  stop_for_change(database, rules, approval, *made);
  record_act(database, "approve", [&] {
    Approvals(database.connection()).sign(id, made->given);
    return nlohmann::json{{"approval", id},
                          {"lanes", approval.lanes},
                          {"signed-by", made->given.principal},
                          {"signature", sha256(made->given.signature)}};
  });
}

}  // namespace usher::cli
