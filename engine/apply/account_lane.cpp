#include "engine/apply/account_lane.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/apply/lane_course.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/apply/reliance.hpp"
#include "state/model/effect.hpp"
#include "state/model/operation_messages.hpp"
#include "state/model/predecessors.hpp"

namespace usher {

namespace {

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

bool of_existing_account(const Operation& operation) {
  return !operation.account.empty();
}

}  // namespace

void PlatformHealth::report(const Failure* failure) {
  if (failure != nullptr && failure->repeated) return;  // one request is one failure
  if (failure != nullptr && failure->kind == FailureKind::stopped && failure->retry_after) {
    postponed_ = true;
    given_up_ = true;
  }
  if (failure == nullptr || !(may_pass(failure->kind) || failure->kind == FailureKind::refused)) {
    failures_in_a_row_ = 0;
    return;
  }
  if (failure->kind == FailureKind::refused || ++failures_in_a_row_ >= patience) given_up_ = true;
}

std::unique_lock<Mutex> EntitlementTurns::take(const Membership& membership) {
  Mutex* turn = nullptr;
  {
    const MutexLock lock(mutex_);
    turn = &turns_[{membership.kind, membership.entitlement}];
  }
  return std::unique_lock(*turn);
}

Outcome<Receipt> AccountLaneRunner::send(const Operation& operation, const Secret& secret) {
  const EntitlementKind* kind = connector_.capabilities().entitlement(operation.membership.kind);
  const bool alone = kind != nullptr && !kind->parallel && !kind->sets;
  const auto turn = alone ? turns_.take(operation.membership) : std::unique_lock<Mutex>();
  return connector_.apply(operation, secret, stop_);
}

std::string AccountLaneRunner::why_not_now() const {
  if (stop_.stop_requested()) return "stopped before it was sent";
  return health_.given_up() ? "the platform was given up in this run" : "";
}

std::vector<OperationOutcome> AccountLaneRunner::run(const AccountLane& lane) {
  LaneCourse course(lane);
  const Capabilities& can = connector_.capabilities();
  if (const std::string why = why_not_now(); !why.empty())
    course.skip([](const Operation&) { return true; }, why);
  else
    verify(course);
  std::vector<OperationOutcome> endings;
  for (std::size_t i = 0; i < lane.operations.size(); ++i) {
    if (!lane.sends(i)) continue;
    Operation operation = lane.operations[i];
    if (operation.account.empty()) operation.account = course.created;
    operation.membership.account = operation.account;
    if (!course.endings[i]) {
      const auto open = open_predecessor(lane.operations, i, course.done, can);
      std::string why = why_not_now();
      if (why.empty() && lane.refused.contains(i))
        why = "another account should have given up the value first, and did not";
      if (why.empty() && open) {
        why = fmt::format("needs the step '{}' on this account, which was not done",
                          to_string(lane.operations[*open].kind));
      }
      if (!why.empty()) {
        course.end(i, {course.seq(i), OperationState::skipped, "", why});
      } else if (operation.kind == OperationKind::create) {
        OperationOutcome ending = create(course, operation, course.seq(i));
        course.created = ending.account;
        course.end(i, std::move(ending));
      } else if (sets(operation, can)) {
        set_memberships(course, i);
      } else {
        course.end(i, take(operation, course.seq(i), false));
      }
    }
    endings.push_back(*course.endings[i]);
  }
  return endings;
}

void AccountLaneRunner::verify(LaneCourse& course) {
  const std::span<const Operation> all = course.lane.operations;
  const Operation* first = nullptr;
  for (std::size_t i = 0; i < all.size() && first == nullptr; ++i) {
    if (course.lane.sends(i) && of_existing_account(all[i])) first = &all[i];
  }
  if (first == nullptr || !connector_.capabilities().read) return;
  const CredentialKind* credential = connector_.capabilities().credential(first->route);
  if (credential != nullptr && (credential->own || !credential->holder.empty())) return;  // of no account
  const AccountQuery query = query_for(first->account, all, connector_.capabilities());
  auto account = connector_.read(query, stop_);
  const bool edges_read = account.has_value();
  if (!account && !query.kinds->empty())
    account = connector_.read({.id = first->account, .kinds = no_kinds}, stop_);
  health_.report(account ? nullptr : &account.error());
  if (!account) {
    return course.skip(of_existing_account,
                       "the account could not be read before changing it: " + describe(account.error()));
  }
  if (edges_read && *account) course.memberships = (*account)->memberships;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Operation& operation = all[i];
    if (!course.lane.sends(i) || !of_existing_account(operation)) continue;
    const bool of_edge = !operation.membership.kind.empty();
    if ((edges_read || !of_edge) && took_effect(operation, *account, connector_.capabilities())) {
      course.end(i, {course.seq(i), OperationState::done, first->account, was_so_already});
      continue;
    }
    OperationOutcome ending{
        course.seq(i), OperationState::skipped, "",
        why_stale(operation, all, *account, edges_read, connector_.capabilities().schema)};
    if (ending.message.empty() && !edges_read && of_edge && !takes_away(operation.kind))
      ending.message = "the account's memberships could not be read before changing them";
    if (!ending.message.empty()) course.end(i, std::move(ending));
  }
}

OperationOutcome AccountLaneRunner::take(const Operation& operation, std::int64_t seq, bool again) {
  Secret secret;
  if (takes_secret(operation, connector_.capabilities())) {
    auto made = secrets_.make(operation);
    if (!made) return {seq, OperationState::failed, "", made.error()};
    secret = std::move(*made);
  }
  const Outcome<Receipt> receipt = send(operation, secret);
  health_.report(receipt ? nullptr : &receipt.error());
  if (receipt) {
    const std::string& account = receipt->account.empty() ? operation.account : receipt->account;
    std::string lost;
    if (!receipt->secret.empty()) lost = secrets_.answered(operation, account, receipt->secret);
    if (!secret.empty()) secrets_.used(operation, account);
    if (receipt->already) return was_so(operation, seq);
    if (!lost.empty()) return {seq, OperationState::failed, "", "it is done, but " + lost};
    return {seq, OperationState::done, account, ""};
  }
  const Failure& failure = receipt.error();
  const bool so = failure.kind == FailureKind::already_so ||
                  (failure.kind == FailureKind::gone && met_by_absence(operation.kind));
  if (so) return was_so(operation, seq);
  if (failure.may_have_happened) return after_doubt(operation, seq, failure, secret, again);
  if (!secret.empty()) secrets_.refused(operation);
  return not_done(seq, failure);
}

OperationOutcome AccountLaneRunner::was_so(const Operation& operation, std::int64_t seq) {
  const OperationOutcome so{seq, OperationState::done, operation.account, was_so_already};
  const bool of_edge = operation.kind == OperationKind::remove_membership;
  if ((!of_edge && operation.kind != OperationKind::remove) || !connector_.capabilities().read) return so;
  const auto account =
      connector_.read(query_for(operation.account, {&operation, 1}, connector_.capabilities()), stop_);
  if (!account || took_effect(operation, *account, connector_.capabilities())) return so;
  if (!*account) return so;
  return {seq, OperationState::failed, "",
          of_edge
              ? "the platform knows of no such membership and shows it all the same: it comes from somewhere "
                "else, such as a group within the group or a rule of the platform"
              : "the platform knows of no such account and shows it all the same",
          true};
}

OperationOutcome AccountLaneRunner::after_doubt(const Operation& operation, std::int64_t seq,
                                                const Failure& failure, const Secret& secret, bool again) {
  const auto account =
      read_back(connector_, operation, {});  // even when stopping: to know is better than to guess
  if (!account) {
    return {seq, OperationState::unknown, "",
            describe(failure) + "; and reading it back failed: " + describe(account.error())};
  }
  if (took_effect(operation, *account, connector_.capabilities())) {
    health_.report(nullptr);  // it does what it is asked, whatever it answers
    if (!secret.empty()) secrets_.used(operation, operation.account);
    return {seq, OperationState::done, *account ? (*account)->id : "",
            "no answer came; found done by reading it back"};
  }
  const bool known = shows_effect(operation, connector_.capabilities());
  const bool repeatable = known || takes_away(operation.kind) || operation.kind == OperationKind::unlock;
  if (!again && repeatable && !stop_.stop_requested()) return take(operation, seq, true);
  return {seq, OperationState::failed, "",
          known ? describe(failure) + "; read back: it did not happen" : doubtful_message(describe(failure))};
}

}  // namespace usher
