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

/// Of one change they stay as they are. An operation is large: each is moved once.
void sort_by_change(std::vector<Operation>& operations, std::size_t changes) {
  std::vector<std::size_t> next(changes + 1, 0);
  for (const Operation& operation : operations) ++next[operation.change + 1];
  for (std::size_t i = 1; i <= changes; ++i) next[i] += next[i - 1];
  std::vector<std::size_t> order(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) order[next[operations[i].change]++] = i;
  std::vector<Operation> sorted;
  sorted.reserve(operations.size());
  for (const std::size_t i : order) sorted.push_back(std::move(operations[i]));
  operations = std::move(sorted);
}

}  // namespace

void put_in_order(Plan& plan) {
  std::vector<std::size_t> order(plan.changes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  tbb::parallel_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Change &x = plan.changes[a], &y = plan.changes[b];
    const auto key = [](const Change& change, std::size_t index) {
      return std::make_tuple(std::cref(change.platform), is_removal(change), std::cref(change.label),
                             std::cref(change.person), std::cref(change.account), index);
    };
    return key(x, a) < key(y, b);
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
  sort_by_change(plan.operations, plan.changes.size());
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
