#include "connectors/recipe/completion.hpp"

#include <algorithm>
#include <atomic>

#include "connectors/http/retry.hpp"
#include "state/model/worker_thread.hpp"

namespace usher::recipe {
namespace {

bool stands_alone(const EntitlementRecipe& kind) {
  return kind.memberships.from == MembershipReading::From::per_user;
}

// Whether the account is there; unreadable: what of it cannot be read.
Outcome<bool> complete_one(Account& account, bool summary, const AccountLookup& lookup,
                           const MembershipReader& memberships, std::string& unreadable,
                           const std::stop_token& stop) {
  if (summary) {
    auto whole = lookup.get(account.id, stop, &unreadable);
    if (!whole) return tl::unexpected(std::move(whole.error()));
    if (!*whole) return false;
    account = std::move(**whole);
  }
  if (auto added = memberships.add_to(account, stands_alone, std::nullopt, stop); !added)
    return tl::unexpected(std::move(added.error()));
  return true;
}

// Leaves out of a page who is not there, and who cannot be read.
void keep_whole(Page& page, const std::vector<Outcome<bool>>& outcomes, std::vector<std::string>& unreadable,
                const RecipePlatform& platform, const AccountObjects& objects) {
  std::vector<Account>& accounts = page.accounts;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if (!*outcomes[i]) {
      page.vanished.push_back(accounts[i].id);
      continue;
    }
    if (!unreadable[i].empty()) {
      page.bad.push_back({.where = "account " + platform.clean(accounts[i].id),
                          .why = std::move(unreadable[i]),
                          .id = accounts[i].id,
                          .key = objects.key_of(accounts[i])});
      continue;
    }
    if (kept != i) accounts[kept] = std::move(accounts[i]);
    ++kept;
  }
  accounts.resize(kept);
}

}  // namespace

std::optional<Failure> complete(Page& page, const Listing& listing, const RecipePlatform& platform,
                                const AccountObjects& objects, const AccountLookup& lookup,
                                const MembershipReader& memberships, const std::stop_token& stop) {
  std::vector<Account>& accounts = page.accounts;
  const Recipe& recipe = platform.recipe();
  const bool edges = std::any_of(recipe.entitlements.begin(), recipe.entitlements.end(), stands_alone);
  if ((!listing.summary && !edges) || accounts.empty()) return std::nullopt;
  page.alone = accounts.size();
  std::vector<Outcome<bool>> outcomes(accounts.size(), true);
  std::vector<std::string> unreadable(accounts.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&](const std::stop_token& = {}) {
    for (std::size_t i = next++; i < accounts.size() && !failed; i = next++) {
      for (int tries = 1;; ++tries) {
        outcomes[i] = complete_one(accounts[i], listing.summary, lookup, memberships, unreadable[i], stop);
        if (outcomes[i] || tries >= 3 || !http::passes(outcomes[i].error(), tries)) break;
      }
      if (!outcomes[i]) failed = true;
    }
  };
  {
    std::vector<WorkerThread> workers;
    const auto count =
        std::min<std::size_t>(accounts.size(), static_cast<std::size_t>(recipe.budget.concurrency));
    for (std::size_t i = 1; i < count; ++i) workers.emplace_back(work);
    work();
    for (WorkerThread& worker : workers) worker.join();
  }
  for (const Outcome<bool>& outcome : outcomes) {
    if (!outcome) return outcome.error();
  }
  keep_whole(page, outcomes, unreadable, platform, objects);
  return std::nullopt;
}

}  // namespace usher::recipe
