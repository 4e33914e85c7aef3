#include "state/store/arrivals.hpp"

#include <tbb/parallel_sort.h>

#include <algorithm>
#include <tuple>

namespace usher {

namespace {

/// Calls visit(first, last) for each run of one key.
template <class Visit>
void for_each_account(const std::vector<Arrival>& sorted, const Visit& visit) {
  for (auto first = sorted.begin(); first != sorted.end();) {
    auto last = first + 1;
    while (last != sorted.end() && last->key == first->key) ++last;
    visit(first, last);
    first = last;
  }
}

}  // namespace

void Arrivals::add(const Fingerprint& key, const Fingerprint& digest, std::uint32_t row,
                   std::uint32_t replaces, bool again) {
  arrivals_.push_back({key, digest, row, replaces, static_cast<std::uint32_t>(arrivals_.size()), again});
}

bool Arrivals::has(const Fingerprint& key) {
  sort();
  return std::ranges::binary_search(arrivals_, key, {}, &Arrival::key);
}

std::uint64_t Arrivals::repeated_equal() {
  sort();
  return equal_;
}

std::uint64_t Arrivals::repeated_different() {
  sort();
  return different_;
}

Resolution Arrivals::resolve() {
  sort();
  Resolution resolution;
  for_each_account(arrivals_, [&](auto first, auto last) {
    const Arrival& winner = *(last - 1);
    for (auto loser = first; loser != last - 1; ++loser)
      if (loser->row != loser->replaces) resolution.losers.push_back(loser->row);
    if (winner.row != winner.replaces) resolution.winners.push_back(winner);
  });
  std::ranges::sort(resolution.losers);
  return resolution;
}

void Arrivals::sort() {
  if (counted_ == arrivals_.size()) return;
  tbb::parallel_sort(arrivals_, [](const Arrival& a, const Arrival& b) {
    return std::tie(a.key, a.order) < std::tie(b.key, b.order);
  });
  counted_ = arrivals_.size();
  equal_ = different_ = 0;
  for_each_account(arrivals_, [&](auto first, auto last) {
    // A first sighting that was as the account lives left no arrival; its content is that of the living
    // version.
    const bool as_it_lived = first->again;
    if (as_it_lived) ++(first->row == first->replaces ? equal_ : different_);
    for (auto next = first + 1; next != last; ++next)
      ++(next->digest == (next - 1)->digest ? equal_ : different_);
  });
}

}  // namespace usher
