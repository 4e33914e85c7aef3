#include "connectors/recipe/request_counter.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "connectors/recipe/memberships.hpp"

namespace usher::recipe {

namespace {

using From = MembershipReading::From;

/// The requests of one run of changes: what RecipeWriter and AccountLookup send for each, and the engine's
/// reading before.
class RequestCounter {
 public:
  RequestCounter(const Recipe& recipe, const std::vector<Entitlement>& entitlements)
      : recipe_(recipe), user_(recipe.user) {
    for (const Entitlement& one : entitlements) {
      ++listed_[one.kind];
      edges_[one.kind] += one.members;
      members_[{one.kind, one.id}] = one.members;
    }
  }

  void add(std::span<const Operation* const> change) {
    fresh_ = false;
    set_.clear();
    const auto existing = std::find_if(change.begin(), change.end(),
                                       [](const Operation* one) { return !one->account.empty(); });
    if (existing != change.end()) read_before(**existing, change);
    for (const Operation* operation : change) {
      write(*operation);
      fresh_ = false;
    }
  }

  std::uint64_t requests() const {
    std::uint64_t batches = 0;
    for (const auto& [of, changes] : batched_) {
      const std::uint64_t together = std::min(recipe_.entitlement(std::get<0>(of))->batch, most_together);
      batches += (changes + together - 1) / together;
    }
    return requests_ + batches;
  }

 private:
  /// The account as it is, and its memberships that the change is about.
  void read_before(const Operation& first, std::span<const Operation* const> change) {
    const CredentialRecipe* credential = recipe_.credential(first.route);
    const bool of_account =
        credential == nullptr || (!credential->kind.own && credential->kind.holder.empty());
    if (!user_.get || !of_account) return;
    ++requests_;
    fresh_ = true;
    const bool whole = std::any_of(change.begin(), change.end(), [&](const Operation* one) {
      const EntitlementRecipe* kind = recipe_.entitlement(one->membership.kind);
      return kind != nullptr && kind->set;
    });
    for (std::size_t i = 0; i < change.size(); ++i) {
      const Membership& edge = change[i]->membership;
      const EntitlementRecipe* kind = recipe_.entitlement(edge.kind);
      if (kind == nullptr || kind->memberships.from == From::nowhere || kind->memberships.from == From::user)
        continue;
      const auto earlier = change.first(i);
      const bool known = std::any_of(earlier.begin(), earlier.end(),
                                     [&](const Operation* one) { return one->membership.kind == edge.kind; });
      if (!whole && !of_one_account(*kind)) {
        read_members(*kind, edge.entitlement);
      } else if (!known) {
        read_all(*kind);
      }
    }
  }

  static bool of_one_account(const EntitlementRecipe& kind) {
    return kind.memberships.of_user || kind.memberships.from == From::per_user;
  }

  /// All memberships of one account.
  void read_all(const EntitlementRecipe& kind) {
    const MembershipReading& reading = kind.memberships;
    if (of_one_account(kind)) {
      requests_ += pages_of(reading.of_user ? *reading.of_user : reading.listing, 1);
    } else if (reading.from == From::listing) {
      requests_ += pages_of(reading.listing, edges_[kind.kind]);
    } else {
      requests_ += pages_of_all(kind);
    }
  }

  /// The list of entitlements, and who is in each of them.
  std::uint64_t pages_of_all(const EntitlementRecipe& kind) {
    const auto [known, is_new] = pages_of_all_.try_emplace(kind.kind);
    if (!is_new) return known->second;
    if (kind.listing) known->second = pages_of(*kind.listing, listed_[kind.kind]);
    for (const auto& [group, members] : members_)
      if (group.first == kind.kind) known->second += pages_of(kind.memberships.listing, members);
    return known->second;
  }

  /// Who is in one entitlement: read once in a run.
  void read_members(const EntitlementRecipe& kind, const std::string& id) {
    if (!read_.emplace(kind.kind, id).second) return;
    if (needs_listing(kind) && read_.emplace(kind.kind, "").second)
      requests_ += pages_of(*kind.listing, listed_[kind.kind]);
    const bool all = kind.memberships.from == From::listing;
    requests_ += pages_of(kind.memberships.listing, all ? edges_[kind.kind] : members_[{kind.kind, id}]);
  }

  void call(const Call& call) {
    if (call.replace || call.reads_fresh) read_fresh();
    ++requests_;
  }

  /// The object as it is: the last reading serves once.
  void read_fresh() {
    if (!fresh_) ++requests_;
    fresh_ = false;
  }

  void calls(const std::vector<Call>& all) {
    for (const Call& one : all) call(one);
  }

  void steps(const std::vector<Step>& all) {
    for (const Step& one : all) {
      if (one.call) {
        call(*one.call);
      } else if (one.revoke.empty()) {
        rotate(one.rotate);
      } else {
        revoke(one.revoke, false);
      }
    }
  }

  void rotate(const std::string& kind) {
    const CredentialRecipe* credential = recipe_.credential(kind);
    if (credential == nullptr) return;
    const bool by_key = user_.get && !user_.key.empty() && credential->kind.holder.empty();
    requests_ += credential->rotate.size() + (by_key && !credential->kind.own ? 1 : 0);
  }

  /// one: it is known which. Nobody knows how many there are else: one is counted.
  void revoke(const std::string& kind, bool one) {
    const CredentialRecipe* credential = recipe_.credential(kind);
    if (credential == nullptr || !credential->revoke) return;
    if (credential->list && !one) requests_ += pages_of(*credential->list, 1);
    call(*credential->revoke);
  }

  void create() {
    if (!user_.create) return;
    requests_ += 1 + user_.create->then.size() + (user_.create->ask ? 1 : 0);
  }

  void update(const std::string& route) {
    const auto found = std::find_if(user_.updates.begin(), user_.updates.end(),
                                    [&](const UpdateRecipe& one) { return one.name == route; });
    if (found != user_.updates.end()) call(found->call);
  }

  void membership(const Operation& operation) {
    const Membership& edge = operation.membership;
    const EntitlementRecipe* kind = recipe_.entitlement(edge.kind);
    if (kind == nullptr) return;
    if (kind->set) {  // one call for all that the change does to this kind
      if (!set_.insert(edge.kind).second) return;
      if (operation.account.empty()) read_set(*kind);
      return call(*kind->set);
    }
    const bool adds = operation.kind == OperationKind::add_membership;
    const bool changes = operation.kind == OperationKind::change_membership;
    const std::optional<Call>& one = adds ? kind->add : changes ? kind->change : kind->remove;
    if (!one) return;
    if (kind->batch > 0 && !changes) {
      ++batched_[{edge.kind, edge.entitlement, adds, edge.details}];
      return;
    }
    if (one->reads_edge_id) read_edge_id(*kind, edge.entitlement);
    call(*one);
  }

  /// What a new account is in, before a call sets it all.
  void read_set(const EntitlementRecipe& kind) {
    if (user_.get) ++requests_;
    if (kind.memberships.from != From::user && kind.memberships.from != From::nowhere) read_all(kind);
  }

  void read_edge_id(const EntitlementRecipe& kind, const std::string& id) {
    if (kind.memberships.from == From::user) {
      read_fresh();
    } else if (of_one_account(kind)) {
      read_all(kind);
    } else {
      read_members(kind, id);
    }
  }

  void write(const Operation& operation) {
    switch (operation.kind) {
      case OperationKind::create:
        return create();
      case OperationKind::update:
        return update(operation.route);
      case OperationKind::enable:
        return calls(user_.enable);
      case OperationKind::disable:
        return calls(user_.disable);
      case OperationKind::remove:
        return calls(user_.remove);
      case OperationKind::lock:
        return steps(user_.lock);
      case OperationKind::unlock:
        return steps(user_.unlock);
      case OperationKind::rotate:
        return rotate(operation.route);
      case OperationKind::revoke:
        return revoke(operation.route, !operation.credential.empty());
      case OperationKind::add_membership:
      case OperationKind::change_membership:
      case OperationKind::remove_membership:
        return membership(operation);
    }
  }

  using Group = std::pair<std::string, std::string>;  // kind, id
  using Batch = std::tuple<std::string, std::string, bool, std::vector<std::string>>;

  const Recipe& recipe_;
  const UserRecipe& user_;
  std::map<std::string, std::uint64_t> listed_, edges_, pages_of_all_;  // by kind
  std::map<Group, std::uint64_t> members_;
  std::map<Batch, std::uint64_t> batched_;
  std::set<Group> read_;       // whose members are known in this run; of no id: the listing of the kind
  std::set<std::string> set_;  // kinds that this change has set
  bool fresh_ = false;         // the account was just read
  std::uint64_t requests_ = 0;
};

}  // namespace

std::uint64_t pages_of(const Listing& listing, std::uint64_t items) {
  const Paging& paging = listing.paging;
  const std::uint64_t counted = listing.count ? 1 : 0;
  if (paging.by == PagingKind::none) return 1 + counted;
  const std::uint64_t overlap = paging.proof == PagingProof::overlap && paging.size > 1 ? 1 : 0;
  const std::uint64_t size = std::max<std::uint64_t>(paging.size - overlap, 1);
  const bool knows_the_end = paging.short_page_ends || !listing.total.empty() ||
                             !listing.total_header.empty() || !paging.more.empty() ||
                             !paging.page_count.empty() || paging.by == PagingKind::next_link ||
                             paging.by == PagingKind::link_header || paging.by == PagingKind::cursor;
  const std::uint64_t pages = std::max<std::uint64_t>((items + size - 1) / size, 1) + (knows_the_end ? 0 : 1);
  return (paging.proof == PagingProof::twice ? 2 * pages : pages) + counted;
}

RequestCost cost_of(const Recipe& recipe, std::span<const Operation* const> operations,
                    const std::vector<Entitlement>& entitlements) {
  RequestCounter counter(recipe, entitlements);
  for (std::size_t begin = 0, end = 0; begin < operations.size(); begin = end) {
    while (end < operations.size() && operations[end]->change == operations[begin]->change) ++end;
    counter.add(operations.subspan(begin, end - begin));
  }
  return {counter.requests(), recipe.budget.rate, recipe.budget.burst};
}

}  // namespace usher::recipe
