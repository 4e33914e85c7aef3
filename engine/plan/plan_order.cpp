#include "engine/plan/plan_order.hpp"

#include <tbb/parallel_sort.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <tuple>

namespace usher {

namespace {

bool is_removal(const Change& change) {
  return takes_account(change.act);
}

}  // namespace

void put_in_order(Plan& plan) {
  std::vector<std::size_t> order(plan.changes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Change &x = plan.changes[a], &y = plan.changes[b];
    return std::make_tuple(std::cref(x.platform), is_removal(x), std::cref(x.label), std::cref(x.person),
                           std::cref(x.account)) < std::make_tuple(std::cref(y.platform), is_removal(y),
                                                                   std::cref(y.label), std::cref(y.person),
                                                                   std::cref(y.account));
  });
  std::vector<std::size_t> place(order.size());
  std::vector<Change> changes;
  changes.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    changes.push_back(std::move(plan.changes[order[i]]));
  }
  plan.changes = std::move(changes);
  for (Operation& operation : plan.operations) operation.change = place[operation.change];
  std::stable_sort(plan.operations.begin(), plan.operations.end(),
                   [](const Operation& a, const Operation& b) { return a.change < b.change; });
  tbb::parallel_sort(plan.links.begin(), plan.links.end(), [](const NewLink& a, const NewLink& b) {
    return std::tie(a.platform, a.person) < std::tie(b.platform, b.person);
  });
  std::sort(plan.notes.begin(), plan.notes.end(), [](const Note& a, const Note& b) {
    const std::string_view kind_a = to_string(a.kind),
                           kind_b = to_string(b.kind);  // by name, as they are read
    return std::tie(a.platform, kind_a, a.person, a.account, a.message) <
           std::tie(b.platform, kind_b, b.person, b.account, b.message);
  });
}

}  // namespace usher
