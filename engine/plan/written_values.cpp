#include "engine/plan/written_values.hpp"

#include "state/model/operation.hpp"
#include "state/store/journal.hpp"
#include "state/store/past.hpp"

namespace usher {

using nlohmann::json;

WrittenValues::WrittenValues(const Target& target) : platform_(target.name) {
  for (const AccountProgram::Assignment& assignment : target.program->assignments())
    if (!assignment.attribute->readable && !assignment.attribute->secret) paths_.push_back(assignment.path);
}

std::map<std::string, json> WrittenValues::of(Connection& connection, const std::string& account) const {
  std::map<std::string, json> written;
  if (paths_.empty()) return written;
  for (const JournalEntry& entry : Past(connection).operations_of_account(platform_, account)) {
    if (entry.state == OperationState::planned || entry.state == OperationState::skipped) continue;
    const bool done = entry.state == OperationState::done || entry.state == OperationState::owed;
    const Operation operation = operation_from_json(json::parse(entry.detail));
    const bool creates = operation.kind == OperationKind::create;
    if (operation.kind != OperationKind::update && !(creates && done)) continue;
    for (const std::string& path : paths_) {
      if (operation.after.contains(path))  // of one that may have happened, nobody knows
        written[path] = done ? operation.after.at(path) : json();
      else if (creates)
        written[path] = nullptr;
    }
  }
  return written;
}

std::map<std::string, json> WrittenValues::forgotten() const {
  std::map<std::string, json> unknown;
  for (const std::string& path : paths_) unknown.emplace(path, nullptr);
  return unknown;
}

}  // namespace usher
