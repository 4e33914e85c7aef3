#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "connectors/http/retry.hpp"
#include "connectors/recipe/recipe_connector.hpp"
#include "state/model/normalise.hpp"

namespace usher::recipe {

using nlohmann::json;

std::string RecipeConnector::key_of(const Account& account) const {
  const json held = json::parse(account.attributes, nullptr, false);
  const json& value = held.is_object() ? at_path(held, capabilities_.natural_key) : held;
  return value.is_string() ? value.get<std::string>() : std::string();
}

// Asks for what a listing does not show, some accounts at a time. An account that is listed and not found is
// left out and told of: the page proves nothing then.
std::optional<Failure> RecipeConnector::complete(Page& page, const Listing& listing,
                                                 const std::stop_token& stop) {
  std::vector<Account>& accounts = page.accounts;
  const Recipe& recipe = caller_->recipe();
  const bool edges = std::any_of(
      recipe.entitlements.begin(), recipe.entitlements.end(),
      [](const auto& kind) { return kind.memberships.from == MembershipReading::From::per_user; });
  if ((!listing.summary && !edges) || accounts.empty()) return std::nullopt;
  page.alone = accounts.size();
  std::vector<Outcome<bool>> outcomes(accounts.size(), true);
  std::vector<std::string> unreadable(accounts.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&] {
    for (std::size_t i = next++; i < accounts.size() && !failed; i = next++) {
      for (int tries = 1;; ++tries) {
        outcomes[i] = complete_one(accounts[i], listing.summary, unreadable[i], stop);
        if (outcomes[i] || tries >= 3 || !http::passes(outcomes[i].error(), tries)) break;
      }
      if (!outcomes[i]) failed = true;
    }
  };
  {
    std::vector<std::jthread> workers;
    const auto count =
        std::min<std::size_t>(accounts.size(), static_cast<std::size_t>(recipe.budget.concurrency));
    for (std::size_t i = 1; i < count; ++i) workers.emplace_back(work);
    work();
  }
  for (const Outcome<bool>& outcome : outcomes) {
    if (!outcome) return outcome.error();
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if (!*outcomes[i]) {
      page.vanished.push_back(accounts[i].id);
      continue;
    }
    if (!unreadable[i].empty()) {
      page.bad.push_back({.where = "account " + caller_->clean(accounts[i].id),
                          .why = std::move(unreadable[i]),
                          .id = accounts[i].id,
                          .key = key_of(accounts[i])});
      continue;
    }
    if (kept != i) accounts[kept] = std::move(accounts[i]);
    ++kept;
  }
  accounts.resize(kept);
  return std::nullopt;
}

Outcome<bool> RecipeConnector::complete_one(Account& account, bool summary, std::string& unreadable,
                                            const std::stop_token& stop) {
  if (summary) {
    Scope scope = caller_->scope();
    scope.set(Variable::account, {{"id", account.id}});
    auto whole = look_up(*caller_->recipe().user.get, scope, account.id, stop, &unreadable);
    if (!whole) return tl::unexpected(std::move(whole.error()));
    if (!*whole) return false;
    account = std::move(**whole);
  }
  const auto per_user = [](const EntitlementRecipe& kind) {
    return kind.memberships.from == MembershipReading::From::per_user;
  };
  return add_memberships(account, per_user, stop);
}

Outcome<bool> RecipeConnector::add_memberships(Account& account,
                                               const std::function<bool(const EntitlementRecipe&)>& wanted,
                                               const std::stop_token& stop) {
  std::vector<Membership> edges;
  for (const EntitlementRecipe& kind : caller_->recipe().entitlements) {
    if (!wanted(kind)) continue;
    auto own = edges_of(kind, account.id, stop);
    if (!own) return tl::unexpected(std::move(own.error()));
    for (Edge& edge : *own) edges.push_back(std::move(edge.membership));
  }
  if (edges.empty()) return true;
  nlohmann::json all = nlohmann::json::parse(account.memberships);
  all.update(nlohmann::json::parse(canonical_memberships(edges)));
  account.memberships = all.dump();
  return true;
}

}  // namespace usher::recipe
