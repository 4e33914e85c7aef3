#include "engine/plan/unique_swaps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace usher {

namespace {

/// Writes of the unique attribute: what an account gives up -> the operation that gives it up.
std::map<std::string, std::size_t> writers(const Plan& plan, const Target& target, const std::string& key) {
  std::map<std::string, std::size_t> found;
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    const Operation& operation = plan.operations[i];
    const bool writes = operation.platform == target.name && operation.kind == OperationKind::update &&
                        operation.after.contains(key) && operation.before.contains(key);
    if (writes && operation.before[key].is_string() && operation.after[key].is_string())
      found.emplace(operation.before[key].get<std::string>(), i);
  }
  return found;
}

/// The operations that wait for each other in a circle.
std::set<std::size_t> circles(const Plan& plan, const std::map<std::string, std::size_t>& writers,
                              const std::string& key) {
  std::set<std::size_t> found;
  for (const auto& [before, first] : writers) {
    std::vector<std::size_t> way{first};
    while (way.size() <= writers.size()) {
      const auto next = writers.find(plan.operations[way.back()].after[key].get<std::string>());
      if (next == writers.end()) break;
      if (next->second == first) {
        found.insert(way.begin(), way.end());
        break;
      }
      way.push_back(next->second);
    }
  }
  return found;
}

void take_out(Plan& plan, Operation& operation, const std::string& key) {
  Change& change = plan.changes[operation.change];
  plan.notes.push_back(
      {change.platform, change.person, change.account, NoteKind::exchange,
       fmt::format("{} is {} and should be {}, which another account gives up only for something in this "
                   "circle: give one of them another {} on the platform, then the next run can",
                   key, operation.before[key].dump(), operation.after[key].dump(), key),
       fmt::format("the {} would have to be exchanged in a circle; give one of them another on the platform",
                   key)});
  std::erase_if(change.fields, [&](const FieldChange& field) { return field.path == key; });
  operation.before.erase(key);
  operation.after.erase(key);
  operation.id = identity_of(operation);
}

/// Drops operations that write nothing any more, and changes without an operation.
void tidy(Plan& plan) {
  std::erase_if(plan.operations, [](const Operation& operation) {
    return operation.kind == OperationKind::update && operation.after.empty();
  });
  std::vector<std::size_t> place(plan.changes.size(), 0);
  for (const Operation& operation : plan.operations) place[operation.change] = 1;
  std::vector<Change> kept;
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (place[i] == 0) continue;
    place[i] = kept.size();
    kept.push_back(std::move(plan.changes[i]));
  }
  for (Operation& operation : plan.operations) operation.change = place[operation.change];
  plan.changes = std::move(kept);
}

}  // namespace

void note_exchanges(Plan& plan, const Target& target) {
  const std::string& key = target.program->capabilities().natural_key;
  if (key.empty()) return;
  const auto found = circles(plan, writers(plan, target, key), key);
  if (found.empty()) return;
  for (const std::size_t index : found) take_out(plan, plan.operations[index], key);
  tidy(plan);
}

}  // namespace usher
