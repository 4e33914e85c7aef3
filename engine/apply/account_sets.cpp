#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/apply/lane_course.hpp"
#include "engine/apply/recovery.hpp"
#include "state/model/operation_messages.hpp"
#include "state/model/predecessors.hpp"

// Platforms that take all memberships of an account at once: what is left out is lost.
namespace usher {

namespace {

using nlohmann::json;

const json& of_kind(const json& memberships, const std::string& kind) {
  static const json none = json::object();
  const auto found = memberships.find(kind);
  return found == memberships.end() ? none : *found;
}

json parsed(const std::string& memberships) {
  return json::parse(memberships.empty() ? "{}" : memberships);
}

/// Those of the lane that one call can carry out together with the one at `first`.
std::vector<std::size_t> together_with(std::size_t first, const LaneCourse& course, const Capabilities& can) {
  const std::span<const Operation> all = course.lane.operations;
  std::vector<bool> done = course.done;
  std::vector<std::size_t> found;
  for (std::size_t i = first; i < all.size(); ++i) {
    if (!course.lane.sends(i) || course.endings[i] || course.lane.refused.contains(i)) continue;
    if (all[i].membership.kind != all[first].membership.kind || open_predecessor(all, i, done, can)) continue;
    found.push_back(i);
    done[i] = true;
  }
  return found;
}

/// What the snapshot showed of a kind, nobody asked to take, and the account does not have any more; empty:
/// nothing.
std::string missing(const json& now, const json& known, const LaneCourse& course, const std::string& kind) {
  std::set<std::string> taken;
  for (const Operation& operation : course.lane.operations) {
    if (operation.kind == OperationKind::remove_membership && operation.membership.kind == kind)
      taken.insert(operation.membership.entitlement);
  }
  for (const auto& [id, details] : known.items()) {
    if (!now.contains(id) && !taken.contains(id)) return id;
  }
  return {};
}

}  // namespace

tl::expected<json, OperationOutcome> AccountLaneRunner::held_now(const LaneCourse& course,
                                                                 const Operation& first) {
  const std::string& kind = first.membership.kind;
  const auto skipped = [](std::string why) {
    return tl::unexpected(OperationOutcome{0, OperationState::skipped, "", std::move(why)});
  };
  json now;
  if (course.memberships) {
    now = parsed(*course.memberships);
  } else {
    const auto account = connector_.read({.id = first.account, .kinds = std::vector{kind}}, stop_);
    if (!account)
      return skipped("what the account is in could not be read before setting it all: " +
                     describe(account.error()));
    if (!*account) return skipped(stale_message("the account is gone"));
    now = parsed((*account)->memberships);
  }
  const auto known = known_(first.platform, first.account);
  const std::string lost =
      known ? missing(of_kind(now, kind), of_kind(parsed(known->memberships), kind), course, kind)
            : std::string();
  if (!lost.empty()) {
    return skipped(stale_message("the account was in " + kind + " " + lost +
                                 " when the plan was made and is not shown there now; the next run sees it"));
  }
  return of_kind(now, kind);
}

void AccountLaneRunner::set_memberships(LaneCourse& course, std::size_t first) {
  const std::vector<std::size_t> indices = together_with(first, course, connector_.capabilities());
  std::vector<Operation> changes;
  for (const std::size_t i : indices) {
    Operation& change = changes.emplace_back(course.lane.operations[i]);
    if (change.account.empty()) change.account = course.created;
    change.membership.account = change.account;
  }
  const auto end_all = [&](const auto& ending_of) {
    for (std::size_t i = 0; i < indices.size(); ++i) {
      OperationOutcome ending = ending_of(changes[i], course.seq(indices[i]));
      ending.seq = course.seq(indices[i]);
      course.end(indices[i], std::move(ending));
    }
  };
  const auto now = held_now(course, changes.front());
  if (!now) return end_all([&](const Operation&, std::int64_t) { return now.error(); });
  std::set<std::string> ids;
  for (const auto& [id, details] : now->items()) ids.insert(id);
  for (const Operation& change : changes) {
    const std::string& id = change.membership.entitlement;
    change.kind == OperationKind::remove_membership ? void(ids.erase(id)) : void(ids.insert(id));
  }
  const auto receipt = connector_.set_memberships(changes, {ids.begin(), ids.end()}, stop_);
  health_.report(receipt ? nullptr : &receipt.error());
  end_all([&](const Operation& change, std::int64_t seq) -> OperationOutcome {
    if (receipt) return {seq, OperationState::done, change.account, receipt->already ? was_so_already : ""};
    const Failure& failure = receipt.error();
    if (failure.may_have_happened) return after_doubt(change, seq, failure, {}, true);
    return not_done(seq, failure);
  });
}

}  // namespace usher
