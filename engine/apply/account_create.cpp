#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/apply/lane_course.hpp"
#include "engine/apply/recovery.hpp"
#include "state/model/effect.hpp"
#include "state/model/normalise.hpp"
#include "state/model/operation_messages.hpp"

// How an account is made, and never made twice.
namespace usher {

namespace {

using nlohmann::json;

std::string loosely(const json& key) {
  constexpr Normalisation how{.trim = true, .lower = true, .nfc = true};
  return key.is_string() ? normalised(key.get_ref<const std::string&>(), how) : std::string();
}

/// The value by which a platform tells its accounts apart, but for blanks, capitals and composed letters;
/// empty: none is known.
std::string key_of(const std::string& attributes, const Capabilities& can) {
  return attributes.empty() ? std::string() : loosely(at_path(json::parse(attributes), can.natural_key));
}

std::string key_of(const Operation& create, const Capabilities& can) {
  const auto found = create.after.find(can.natural_key);
  return found == create.after.end() ? std::string() : loosely(*found);
}

}  // namespace

OperationOutcome AccountLaneRunner::create(LaneCourse& course, const Operation& operation, std::int64_t seq) {
  if (course.lane.in_doubt) {
    return {
        seq, OperationState::skipped, "",
        "an earlier create for this person may have happened: none is sent before a complete pull that began "
        "later shows the account or its absence"};
  }
  if (auto there = unlisted(course, operation, seq)) return *there;
  Secret secret;
  if (connector_.capabilities().first_secret) {
    auto fresh = secrets_.make(operation);
    if (!fresh) return {seq, OperationState::failed, "", fresh.error()};
    secret = std::move(*fresh);
  }
  const Outcome<Receipt> receipt = connector_.apply(operation, secret, stop_);
  health_.report(receipt ? nullptr : &receipt.error());
  if (receipt) return made(operation, seq, *receipt, secret, receipt->already ? was_so_already : "");
  const Failure& failure = receipt.error();
  if (failure.may_have_happened) return create_in_doubt(operation, seq, failure, secret);
  if (!secret.empty()) secrets_.refused(operation);
  return not_done(seq, failure);
}

std::optional<OperationOutcome> AccountLaneRunner::unlisted(LaneCourse& course, const Operation& operation,
                                                            std::int64_t seq) {
  const std::string& linked = course.lane.linked;
  const Capabilities& can = connector_.capabilities();
  if (linked.empty() || !can.read) return std::nullopt;
  const auto account = connector_.read(query_for(linked, course.lane.operations, can), stop_);
  if (!account) {
    return OperationOutcome{seq, OperationState::skipped, "",
                            fmt::format("the person's account {} is not listed and could not be asked for; "
                                        "nothing is created before it is: {}",
                                        linked, describe(account.error()))};
  }
  if (!*account) return std::nullopt;
  const std::string wanted = key_of(operation, can);
  if (!wanted.empty() && key_of((*account)->attributes, can) != wanted) {
    return OperationOutcome{
        seq, OperationState::skipped, "",
        stale_message(fmt::format("the person's account {} is not listed, exists when it is requested by id, "
                                  "and has another {}: nothing is created",
                                  linked, can.natural_key))};
  }
  for (std::size_t i = 0; i < course.endings.size(); ++i) {
    Operation following = course.lane.operations[i];
    if (!course.lane.sends(i) || following.kind == OperationKind::create) continue;
    following.account = linked;
    if (took_effect(following, *account, can))
      course.end(i, {course.seq(i), OperationState::done, linked, was_so_already});
  }
  return OperationOutcome{
      seq, OperationState::done, linked,
      fmt::format("{}: the person's account is not listed and answers when it is asked for; none is created",
                  was_so_already)};
}

std::string AccountLaneRunner::why_not_new(const Operation& operation, const std::string& account) {
  const auto known = known_(operation.platform, account);
  if (!known || (known->person == operation.person && known->attributes.empty())) return {};
  const Capabilities& can = connector_.capabilities();
  const std::string wanted = key_of(operation, can);
  if (can.read && !wanted.empty() && key_of(known->attributes, can) != wanted) {
    const auto now = connector_.read({.id = account, .kinds = no_kinds}, stop_);
    if (now && *now && key_of((*now)->attributes, can) == wanted) return {};  // an id that came again
  }
  return fmt::format(
      "the platform answered with the account {}, which {}: nothing more is done to it, and the next "
      "complete "
      "pull shows whether there is a new one",
      account, known->person.empty() ? "was there before" : "is that of '" + known->person + "'");
}

OperationOutcome AccountLaneRunner::made(const Operation& operation, std::int64_t seq, const Receipt& receipt,
                                         const Secret& secret, const std::string& how) {
  if (const std::string why = why_not_new(operation, receipt.account); !why.empty())
    return {seq, OperationState::unknown, "", why};
  const auto whole =
      receipt.unfinished ? connector_.finish(operation, receipt, secret, stop_) : Outcome<Receipt>(receipt);
  if (!whole) return {seq, OperationState::owed, receipt.account, describe(whole.error())};
  if (!secret.empty()) secrets_.used(operation, receipt.account);
  OperationOutcome ending{seq, OperationState::done, receipt.account, how};
  if (!whole->secret.empty()) {
    const std::string lost = secrets_.answered(operation, receipt.account, whole->secret);
    if (!lost.empty()) ending.message = lost;
    ending.secret_lost = !lost.empty();
  } else {
    ending.secret_lost = connector_.capabilities().answers_secret;
  }
  return ending;
}

// A search that finds nobody proves nothing so soon: only a complete pull that began later does.
OperationOutcome AccountLaneRunner::create_in_doubt(const Operation& operation, std::int64_t seq,
                                                    const Failure& failure, const Secret& secret) {
  const auto account = read_back(connector_, operation, {});  // also when stopping: to know is better
  if (account && *account) {
    health_.report(nullptr);  // it does what it is asked, whatever it answers
    const Capabilities& can = connector_.capabilities();
    return made(operation, seq,
                {.account = (*account)->id, .unfinished = can.create_has_steps || can.answers_secret}, secret,
                "no answer came; found done by reading it back");
  }
  if (!account) health_.report(&account.error());
  return {seq, OperationState::unknown, "",
          describe(failure) +
              (account ? "; it is asked for and not found yet"
                       : "; and it could not be asked for: " + describe(account.error())) +
              "; it is not sent again before a complete pull shows the account or its absence"};
}

}  // namespace usher
