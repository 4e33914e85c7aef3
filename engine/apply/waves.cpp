#include "engine/apply/waves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "state/model/sha256.hpp"

namespace usher {

std::uint64_t Portion::of(std::uint64_t all) const {
  if (!is_share) return static_cast<std::uint64_t>(number);
  const double share = std::ceil(number * static_cast<double>(all) / 100);
  return std::max<std::uint64_t>(static_cast<std::uint64_t>(share), 1);
}

bool Portion::is_exceeded_by(std::uint64_t count, std::uint64_t all) const {
  const auto counted = static_cast<double>(count);
  return is_share ? counted * 100 > number * static_cast<double>(all) : counted > number;
}

std::string Portion::text() const {
  return fmt::format("{}{}", number, is_share ? "%" : "");
}

std::optional<Portion> portion_of(std::string_view text) {
  Portion portion;
  portion.is_share = text.ends_with('%');
  if (portion.is_share) text.remove_suffix(1);
  const bool digits = !text.empty() && text.size() <= 12 && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c == '.' && portion.is_share);
  });
  if (!digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), portion.number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (portion.is_share && portion.number > 100) return std::nullopt;
  return portion;
}

namespace {

/// Changes that go in one wave.
struct Party {
  std::vector<std::size_t> changes;
  std::string kinds;  ///< what is done to them where: "iot create, flows update"
  std::string place;  ///< digest of who they are: their order among those with the same kinds
  Waves::Wave size;
};

class WaveBuilder {
 public:
  explicit WaveBuilder(const Plan& plan) : plan_(plan), leader_(plan.changes.size()) {
    std::iota(leader_.begin(), leader_.end(), std::size_t{0});
    sent_.resize(plan.changes.size());
    for (const Operation& operation : plan.operations)
      if (!operation.held) ++sent_.at(operation.change);
    join_people_and_accounts();
    join_waiting();
  }

  Waves run(const std::vector<Portion>& sizes) {
    Waves waves;
    waves.of_change.assign(plan_.changes.size(), Waves::none);
    std::uint64_t people = 0;
    std::vector<Party> parties = in_order();
    for (const Party& party : parties) people += party.size.people;
    for (const Party& party : parties) {
      const std::size_t last = waves.all.size();
      const bool full =
          last == 0 || (last <= sizes.size() && waves.all.back().people >= sizes[last - 1].of(people));
      if (full) waves.all.emplace_back();
      Waves::Wave& wave = waves.all.back();
      wave.people += party.size.people;
      wave.accounts += party.size.accounts;
      wave.operations += party.size.operations;
      for (const std::size_t change : party.changes) waves.of_change[change] = waves.all.size() - 1;
    }
    return waves;
  }

 private:
  std::size_t leader(std::size_t change) {
    while (leader_[change] != change) change = leader_[change] = leader_[leader_[change]];
    return change;
  }
  void join(std::size_t a, std::size_t b) {
    const auto [first, second] = std::minmax({leader(a), leader(b)});  // values, not references
    leader_[second] = first;
  }
  static std::string account_of(const Change& change) { return change.platform + "\n" + change.account; }

  void join_people_and_accounts() {
    std::unordered_map<std::string, std::size_t> people, accounts;
    for (std::size_t i = 0; i < plan_.changes.size(); ++i) {
      if (sent_[i] == 0) continue;
      const Change& change = plan_.changes[i];
      if (!change.person.empty()) join(people.try_emplace(change.person, i).first->second, i);
      if (!change.account.empty()) join(accounts.try_emplace(account_of(change), i).first->second, i);
    }
  }

  void join_waiting() {
    std::unordered_map<std::string, std::size_t> awaited;
    for (const Operation& operation : plan_.operations)
      for (const std::string& id : operation.waits_for) awaited.emplace(id, Waves::none);
    if (awaited.empty()) return;
    for (const Operation& operation : plan_.operations)
      if (const auto found = awaited.find(operation.id); found != awaited.end() && !operation.held)
        found->second = operation.change;
    for (const Operation& operation : plan_.operations) {
      if (operation.held) continue;
      for (const std::string& id : operation.waits_for)
        if (awaited[id] != Waves::none) join(awaited[id], operation.change);
    }
  }

  Party party_of(std::vector<std::size_t> changes) const {
    Party party;
    std::set<std::string> people, nobodys, accounts, kinds;
    for (const std::size_t i : changes) {
      const Change& change = plan_.changes[i];
      const std::string account =
          change.account.empty() ? change.platform + "\n\n" + change.person : account_of(change);
      accounts.insert(account);
      if (change.person.empty())
        nobodys.insert(account);
      else
        people.insert(change.person);
      kinds.insert(change.platform + " " + to_string(change.act));
      party.size.operations += sent_[i];
    }
    party.size.people = people.size() + nobodys.size();
    party.size.accounts = accounts.size();
    for (const std::string& kind : kinds) party.kinds += kind + ", ";
    party.place = sha256(people.empty() ? *nobodys.begin() : *people.begin());
    party.changes = std::move(changes);
    return party;
  }

  /// From all kinds in turn.
  std::vector<Party> in_order() {
    std::map<std::size_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < plan_.changes.size(); ++i)
      if (sent_[i] != 0) members[leader(i)].push_back(i);
    std::map<std::string, std::vector<Party>> kinds;
    std::size_t longest = 0;
    for (auto& [first, changes] : members) {
      Party party = party_of(std::move(changes));
      std::vector<Party>& same = kinds[party.kinds];
      same.push_back(std::move(party));
      longest = std::max(longest, same.size());
    }
    for (auto& [kind, parties] : kinds) std::ranges::sort(parties, {}, &Party::place);
    std::vector<Party> order;
    for (std::size_t i = 0; i < longest; ++i)
      for (auto& [kind, parties] : kinds)
        if (i < parties.size()) order.push_back(std::move(parties[i]));
    return order;
  }

  const Plan& plan_;
  std::vector<std::size_t> leader_;  // by change: another one of its party, or itself
  std::vector<std::uint64_t> sent_;  // by change: operations that no guard holds
};

}  // namespace

Waves waves_of(const Plan& plan, const std::vector<Portion>& sizes) {
  if (sizes.empty()) return {{Waves::Wave()}, std::vector<std::size_t>(plan.changes.size(), 0)};
  return WaveBuilder(plan).run(sizes);
}

}  // namespace usher
