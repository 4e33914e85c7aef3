#include "engine/apply/account_lane.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/apply/recovery.hpp"
#include "state/model/effect.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// True when a failure says something of the platform and not of this one operation.
bool is_the_platforms(FailureKind kind) {
  return kind == FailureKind::unreachable || kind == FailureKind::cut || kind == FailureKind::throttled ||
         kind == FailureKind::unavailable;
}

/// Whether the account still is what the plan relied on for this operation.
bool relies_on(const Operation& operation, const Account& account) {
  const json attributes = json::parse(account.attributes);
  for (const auto& [path, value] : operation.before.items()) {
    if (at_path(attributes, path) != value) return false;
  }
  if (operation.kind != OperationKind::change_membership &&
      operation.kind != OperationKind::remove_membership) {
    return true;
  }
  const json held = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  const auto kind = held.find(operation.membership.kind);
  if (kind == held.end()) return false;
  return kind->value(operation.membership.entitlement, json()) == json(operation.held_details);
}

bool takes_secret(const Operation& operation, const Capabilities& can) {
  switch (operation.kind) {
    case OperationKind::create:
      return can.first_secret;
    case OperationKind::lock:
      return can.lock_secret;
    case OperationKind::unlock:
      return can.unlock_secret;
    case OperationKind::rotate: {
      const CredentialKind* kind = can.credential(operation.route);
      return kind != nullptr && kind->generated;
    }
    default:
      return false;
  }
}

OperationOutcome skipped(std::int64_t seq, const std::string& why) {
  return {seq, OperationState::skipped, "", why, why.starts_with("stale:")};
}

}  // namespace

void PlatformHealth::report(const Failure* failure) {
  if (failure != nullptr && failure->kind == FailureKind::stopped && failure->retry_after) {
    postponed_ = true;
    given_up_ = true;
  }
  if (failure == nullptr || !(is_the_platforms(failure->kind) || failure->kind == FailureKind::refused)) {
    failures_in_a_row_ = 0;
    return;
  }
  if (failure->kind == FailureKind::refused || ++failures_in_a_row_ >= patience) given_up_ = true;
}

std::vector<OperationOutcome> AccountLaneRunner::run(const AccountLane& lane) {
  const auto seq = [&](std::size_t i) { return static_cast<std::int64_t>(lane.first + i); };
  std::vector<OperationOutcome> endings(lane.operations.size());
  for (std::size_t i = 0; i < endings.size(); ++i) endings[i] = skipped(seq(i), "");
  std::string why = stop_.stop_requested() ? "stopped before it was sent"
                    : health_.given_up()   ? "the platform was given up in this run"
                                           : verify(lane, endings);
  std::string created;
  for (std::size_t i = 0; i < lane.operations.size(); ++i) {
    if (endings[i].state == OperationState::done) continue;  // found so
    if (why.empty() && stop_.stop_requested()) why = "stopped before it was sent";
    const bool refused = lane.refused.contains(i);
    if (!why.empty() || refused) {
      endings[i] = skipped(
          seq(i), refused ? "another account should have given up the value first, and did not" : why);
      if (lane.operations[i].kind == OperationKind::create)
        why = "an earlier step on this account was not done";
      continue;
    }
    Operation operation = lane.operations[i];
    if (operation.account.empty()) operation.account = created;
    operation.membership.account = operation.account;
    endings[i] = send(operation, seq(i), false);
    if (operation.kind == OperationKind::create) created = endings[i].account;
    if (endings[i].state != OperationState::done) why = "an earlier step on this account was not done";
  }
  return endings;
}

std::string AccountLaneRunner::verify(const AccountLane& lane, std::vector<OperationOutcome>& endings) {
  const Operation& first = lane.operations.front();
  const CredentialKind* credential = connector_.capabilities().credential(first.route);
  const bool of_no_account = credential != nullptr && (credential->own || !credential->holder.empty());
  if (first.account.empty() || !connector_.capabilities().read || of_no_account) return {};
  const auto account = connector_.read({.id = first.account, .kinds = kinds_of(lane.operations)}, stop_);
  if (!account) {
    health_.report(&account.error());
    return "the account could not be read before changing it: " + describe(account.error());
  }
  health_.report(nullptr);
  for (std::size_t i = 0; i < lane.operations.size(); ++i) {
    const Operation& operation = lane.operations[i];
    if (operation.account.empty()) break;  // of the account that takes this one's place
    if (took_effect(operation, *account, connector_.capabilities())) {
      endings[i] = {endings[i].seq, OperationState::done, first.account, "was so already"};
    } else if (!*account) {
      return "stale: the account is gone";
    } else if (!relies_on(operation, **account)) {
      return "stale: the account changed since the plan was made; the next run sees it";
    }
  }
  return {};
}

OperationOutcome AccountLaneRunner::send(const Operation& operation, std::int64_t seq, bool again) {
  const Secret secret =
      takes_secret(operation, connector_.capabilities()) ? secrets_.make(operation) : Secret();
  const Outcome<Receipt> receipt = connector_.apply(operation, secret, stop_);
  health_.report(receipt ? nullptr : &receipt.error());
  if (receipt) {
    const std::string& account = receipt->account.empty() ? operation.account : receipt->account;
    if (!receipt->secret.empty()) secrets_.answered(operation, account, receipt->secret);
    if (!secret.empty()) secrets_.used(operation, account, secret);
    return {seq, OperationState::done, account, receipt->already ? "was so already" : ""};
  }
  const Failure& failure = receipt.error();
  const bool was_so = failure.kind == FailureKind::already_so ||
                      (failure.kind == FailureKind::gone && met_by_absence(operation.kind));
  if (was_so) return {seq, OperationState::done, operation.account, "was so already"};
  if (failure.may_have_happened) return after_doubt(operation, seq, failure, again);
  if (failure.kind == FailureKind::stopped) return skipped(seq, describe(failure));
  return {seq, OperationState::failed, "", describe(failure)};
}

OperationOutcome AccountLaneRunner::after_doubt(const Operation& operation, std::int64_t seq,
                                                const Failure& failure, bool again) {
  const auto account =
      read_back(connector_, operation, {});  // even when stopping: to know is better than to guess
  if (!account) {
    return {seq, OperationState::unknown, "",
            describe(failure) + "; and reading it back failed: " + describe(account.error())};
  }
  if (took_effect(operation, *account, connector_.capabilities())) {
    health_.report(nullptr);  // it does what it is asked, whatever it answers
    return {seq, OperationState::done, *account ? (*account)->id : "",
            "no answer came; found done by reading it back"};
  }
  if (!again && !stop_.stop_requested()) return send(operation, seq, true);
  const bool known = shows_effect(operation, connector_.capabilities());
  return {seq, OperationState::failed, "",
          describe(failure) + (known ? "; read back: it did not happen" : "; it may have happened")};
}

}  // namespace usher
