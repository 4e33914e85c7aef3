#include "connectors/recipe/writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/recipe/capabilities.hpp"
#include "connectors/recipe/writing.hpp"
#include "state/model/effect.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

json membership_json(const Membership& edge, const std::string& id) {
  return {{"id", id}, {"kind", edge.kind}, {"entitlement", edge.entitlement}, {"details", edge.details}};
}

const std::string& account_of(const Operation& operation) {
  return operation.account.empty() ? operation.membership.account : operation.account;
}

/// Whether one of many in a request may be why it was refused, and the others are right.
bool may_be_about_one(FailureKind kind) {
  return kind == FailureKind::gone || kind == FailureKind::conflict || kind == FailureKind::already_so ||
         kind == FailureKind::invalid || kind == FailureKind::denied;
}

// There is nothing left to take away, or nothing to change.
Outcome<Receipt> none_such(const Operation& operation, const Membership& edge) {
  if (operation.kind == OperationKind::remove_membership)
    return Receipt{.account = operation.account, .already = true};
  Failure failure = unsupported(operation, "the account is not in " + edge.kind + " " + edge.entitlement);
  failure.kind = FailureKind::gone;
  return tl::unexpected(std::move(failure));
}

/// Whether a change of an account reads the object as it is.
bool needs_objects(const Recipe& recipe) {
  const auto needs = [](const Call& call) { return call.replace || call.reads_fresh; };
  const auto any = [&](const std::vector<Call>& calls) {
    return std::any_of(calls.begin(), calls.end(), needs);
  };
  const UserRecipe& user = recipe.user;
  const bool updates = std::any_of(user.updates.begin(), user.updates.end(),
                                   [&](const UpdateRecipe& one) { return needs(one.call); });
  const bool edges =
      std::any_of(recipe.entitlements.begin(), recipe.entitlements.end(), [&](const EntitlementRecipe& kind) {
        const bool inside =
            kind.memberships.from == MembershipReading::From::user && !kind.memberships.id.empty();
        return inside || (kind.add && needs(*kind.add)) || (kind.change && needs(*kind.change)) ||
               (kind.remove && needs(*kind.remove)) || (kind.set && needs(*kind.set));
      });
  return updates || edges || any(user.enable) || any(user.disable) || any(user.remove);
}

}  // namespace

RecipeWriter::RecipeWriter(const RecipePlatform& platform, AccountLookup& lookup,
                           const MembershipReader& memberships)
    : platform_(platform),
      lookup_(lookup),
      memberships_(memberships),
      calls_(platform, lookup, memberships),
      credentials_(platform, lookup, calls_),
      creator_(platform, lookup, calls_) {}

Outcome<Receipt> RecipeWriter::apply(const Operation& operation, const Secret& first_secret,
                                     const std::stop_token& stop) const {
  auto done = carry_out(operation, first_secret, stop);
  lookup_.objects_read().take(operation.account);  // it may be another by now
  return done;
}

void RecipeWriter::begin_changes() const {
  memberships_.begin_changes(true);
  lookup_.objects_read().begin(needs_objects(platform_.recipe()));
}

Outcome<Receipt> RecipeWriter::carry_out(const Operation& operation, const Secret& first_secret,
                                         const std::stop_token& stop) const {
  const UserRecipe& user = platform_.recipe().user;
  switch (operation.kind) {
    case OperationKind::create:
      return creator_.create(operation, first_secret, stop);
    case OperationKind::update:
      return update(operation, stop);
    case OperationKind::enable:
      return run(user.enable, operation, stop);
    case OperationKind::disable:
      return run(user.disable, operation, stop);
    case OperationKind::lock:
      return run(user.lock, operation, first_secret, stop);
    case OperationKind::unlock:
      return run(user.unlock, operation, first_secret, stop);
    case OperationKind::rotate:
      return credentials_.rotate(operation.route, operation, first_secret, stop);
    case OperationKind::revoke:
      return credentials_.revoke(operation.route, operation, stop);
    case OperationKind::remove:
      return run(user.remove, operation, stop);
    case OperationKind::add_membership:
    case OperationKind::change_membership:
    case OperationKind::remove_membership:
      return change_membership(operation, stop);
  }
  return tl::unexpected(unsupported(operation, "no such call"));
}

Outcome<Receipt> RecipeWriter::run(const std::vector<Call>& calls, const Operation& operation,
                                   const std::stop_token& stop) const {
  if (calls.empty()) return tl::unexpected(unsupported(operation, "this platform has no such call"));
  Receipt receipt{.account = operation.account, .already = true};
  for (const Call& call : calls) {
    Scope scope = platform_.scope();
    scope.set(Variable::account, {{"id", operation.account}});
    auto done = calls_.write(call, scope, {}, operation, stop);
    if (!done) return done;
    receipt.already = receipt.already && done->already;
  }
  return receipt;
}

Outcome<Receipt> RecipeWriter::run(const std::vector<Step>& steps, const Operation& operation,
                                   const Secret& secret, const std::stop_token& stop) const {
  if (steps.empty()) return tl::unexpected(unsupported(operation, "this platform has no such call"));
  Receipt receipt{.account = operation.account, .already = true};
  std::optional<Failure> refused;
  for (const Step& step : steps) {
    auto done = step.call             ? run(std::vector<Call>{*step.call}, operation, stop)
                : step.revoke.empty() ? credentials_.rotate(step.rotate, operation, secret, stop)
                                      : credentials_.revoke(step.revoke, operation, stop);
    if (!done && !takes_away(operation.kind)) return done;
    if (!done && !refused) refused = std::move(done.error());
    if (!done) continue;
    receipt.already = receipt.already && done->already;
    if (!done->secret.empty()) receipt.secret = std::move(done->secret);
  }
  if (refused) return tl::unexpected(std::move(*refused));
  return receipt;
}

Outcome<Receipt> RecipeWriter::update(const Operation& operation, const std::stop_token& stop) const {
  const auto& updates = platform_.recipe().user.updates;
  const auto route = std::find_if(updates.begin(), updates.end(),
                                  [&](const UpdateRecipe& one) { return one.name == operation.route; });
  if (route == updates.end())
    return tl::unexpected(unsupported(operation, "no route '" + operation.route + "'"));
  Scope scope = platform_.scope();
  scope.set(Variable::account, {{"id", operation.account}});
  scope.set(Variable::wanted, nested(operation.after));
  return calls_.write(route->call, scope, payload_of(platform_, operation.after), operation, stop);
}

Outcome<std::optional<std::set<std::string>>> RecipeWriter::ids_after(const Operation& operation,
                                                                      const std::string& account,
                                                                      const std::stop_token& stop) const {
  const Membership& edge = operation.membership;
  auto now = lookup_.read({.id = account, .kinds = std::vector{edge.kind}}, stop);
  if (!now) return tl::unexpected(std::move(now.error()));
  if (!*now) {  // no account is not an account without memberships
    auto none = none_such(operation, edge);
    if (!none) return tl::unexpected(std::move(none.error()));
    return std::nullopt;
  }
  std::set<std::string> ids;
  const json held = json::parse((*now)->memberships, nullptr, false);
  for (const auto& [id, details] : json_at(held, edge.kind).items()) ids.insert(id);
  const bool adds = operation.kind != OperationKind::remove_membership;
  const bool changed = adds ? ids.insert(edge.entitlement).second : ids.erase(edge.entitlement) > 0;
  if (!changed) return std::nullopt;
  return ids;
}

Outcome<Receipt> RecipeWriter::change_membership(const Operation& operation,
                                                 const std::stop_token& stop) const {
  const Membership& edge = operation.membership;
  const EntitlementRecipe* kind = platform_.recipe().entitlement(edge.kind);
  if (kind == nullptr) return tl::unexpected(unsupported(operation, "no entitlement '" + edge.kind + "'"));
  const std::optional<Call>& call = kind->set                                            ? kind->set
                                    : operation.kind == OperationKind::add_membership    ? kind->add
                                    : operation.kind == OperationKind::remove_membership ? kind->remove
                                                                                         : kind->change;
  if (!call) return tl::unexpected(unsupported(operation, "no such call for a " + edge.kind));
  if (kind->batch == 0) return change_alone(*kind, *call, operation, stop);
  const bool many = operation.kind != OperationKind::change_membership;
  const auto send = [&](std::span<const Operation* const> changes) {
    return many ? change_members(*call, changes, stop)
                : std::vector{change_alone(*kind, *call, *changes.front(), stop)};
  };
  return batches_.apply(operation, many ? std::min(kind->batch, most_together) : 1, send, stop);
}

Outcome<Receipt> RecipeWriter::change_alone(const EntitlementRecipe& kind, const Call& call,
                                            const Operation& operation, const std::stop_token& stop) const {
  const Membership& edge = operation.membership;
  const std::string& account = account_of(operation);
  Scope scope = platform_.scope();
  scope.set(Variable::account, {{"id", account}});
  scope.set(Variable::membership, membership_json(edge, {}));
  if (kind.set) {
    auto ids = ids_after(operation, account, stop);
    if (!ids) return tl::unexpected(std::move(ids.error()));
    if (!*ids) return Receipt{.account = account, .already = true};
    scope.set(Variable::memberships, **ids);
  }
  if (call.reads_edge_id) {
    auto held = edge_of(kind, {account, edge.kind, edge.entitlement, {}}, stop);
    if (!held) return tl::unexpected(std::move(held.error()));
    if (!*held) return none_such(operation, edge);
    scope.set(Variable::membership, membership_json(edge, (*held)->id));
  }
  auto done = calls_.write(call, scope, {}, operation, stop);
  memberships_.note(operation, account, done);
  return done;
}

std::vector<Outcome<Receipt>> RecipeWriter::change_members(const Call& call,
                                                           std::span<const Operation* const> changes,
                                                           const std::stop_token& stop) const {
  Scope scope = platform_.scope();
  json members = json::array();
  for (const Operation* const one : changes) members.push_back(account_of(*one));
  scope.set(Variable::membership, membership_json(changes.front()->membership, {}));
  scope.set(Variable::members, members);
  std::vector<Outcome<Receipt>> outcomes;
  if (changes.size() == 1) {
    outcomes.push_back(calls_.write(call, scope, {}, *changes.front(), stop));
    memberships_.note(*changes.front(), account_of(*changes.front()), outcomes.front());
    return outcomes;
  }
  const auto reply = platform_.send(call, scope, {}, stop);
  const bool each_alone = !reply && !reply.error().may_have_happened && may_be_about_one(reply.error().kind);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Operation& change = *changes[i];
    if (each_alone) {
      outcomes.push_back(std::move(change_members(call, changes.subspan(i, 1), stop).front()));
      continue;
    }
    if (!reply) {
      Failure failure = platform_.explained(reply.error());
      failure.repeated = i > 0;
      outcomes.emplace_back(tl::unexpected(std::move(failure)));
    } else if (reply->read_back) {
      outcomes.push_back(calls_.settle(change, reply->doubt, stop));
    } else {
      outcomes.emplace_back(Receipt{.account = account_of(change)});
    }
    memberships_.note(change, account_of(change), outcomes.back());
  }
  return outcomes;
}

Outcome<std::optional<Edge>> RecipeWriter::edge_of(const EntitlementRecipe& kind, const Membership& edge,
                                                   const std::stop_token& stop) const {
  if (kind.memberships.from != MembershipReading::From::user)
    return memberships_.edge_to_change(kind, edge, stop);
  auto edges = edges_inside(kind, edge.account, stop);
  if (!edges) return tl::unexpected(std::move(edges.error()));
  const auto held = std::find_if(edges->begin(), edges->end(), [&](const Edge& one) {
    return one.membership.entitlement == edge.entitlement;
  });
  return held == edges->end() ? std::optional<Edge>() : std::optional(std::move(*held));
}

Outcome<Receipt> RecipeWriter::set_memberships(std::span<const Operation> changes,
                                               const std::vector<std::string>& memberships,
                                               const std::stop_token& stop) const {
  const Operation& first = changes.front();
  const EntitlementRecipe* kind = platform_.recipe().entitlement(first.membership.kind);
  if (kind == nullptr || !kind->set)
    return tl::unexpected(unsupported(first, "no call that sets every " + first.membership.kind));
  Scope scope = platform_.scope();
  scope.set(Variable::account, {{"id", first.account}});
  scope.set(Variable::membership, membership_json(first.membership, {}));
  scope.set(Variable::memberships, memberships);
  auto done = calls_.write(*kind->set, scope, {}, first, stop);
  for (const Operation& change : changes) memberships_.note(change, first.account, done);
  lookup_.objects_read().take(first.account);
  return done && done->already && changes.size() > 1 ? all_hold(changes, std::move(done), stop) : done;
}

Outcome<Receipt> RecipeWriter::all_hold(std::span<const Operation> changes, Outcome<Receipt> done,
                                        const std::stop_token& stop) const {
  const Operation& first = changes.front();
  const auto now = lookup_.read({.id = first.account, .kinds = std::vector{first.membership.kind}}, stop);
  const bool all = now && *now && std::all_of(changes.begin(), changes.end(), [&](const Operation& change) {
                     return took_effect(change, *now, platform_.capabilities());
                   });
  if (all) return done;
  Failure doubt = now ? unsupported(first, "the account shows only a part of the change") : now.error();
  doubt.may_have_happened = true;
  return tl::unexpected(std::move(doubt));
}

Outcome<std::vector<Edge>> RecipeWriter::edges_inside(const EntitlementRecipe& kind,
                                                      const std::string& account,
                                                      const std::stop_token& stop) const {
  auto now = calls_.fresh(account, stop);
  if (!now) return tl::unexpected(std::move(now.error()));
  const InnerMemberships& inner = kind.memberships.inner;
  const json& field = json_at(now->object, inner.place);
  std::vector<Edge> edges;
  for (const json& item : field.is_array() ? field : json::array({field})) {
    const std::string group = text_of(json_at(item, inner.id));
    if (!group.empty())
      edges.push_back({{account, kind.kind, group, {}}, text_of(json_at(item, kind.memberships.id))});
  }
  return edges;
}

}  // namespace usher::recipe
