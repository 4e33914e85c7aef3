#include "state/store/last_writes.hpp"

#include "state/model/operation.hpp"
#include "state/model/operation_messages.hpp"
#include "state/store/journal.hpp"
#include "state/store/past.hpp"

namespace usher {

namespace {

using nlohmann::json;

bool may_have_happened(const JournalEntry& entry) {
  switch (entry.state) {
    case OperationState::sent:
    case OperationState::unknown:
      return true;
    case OperationState::failed:
      return is_doubtful_message(entry.message);
    case OperationState::planned:
    case OperationState::done:
    case OperationState::skipped:
    case OperationState::owed:
      return false;
  }
  return false;
}

}  // namespace

std::map<std::string, LastWrite> last_writes(Connection& connection, std::string_view platform,
                                             std::string_view account, std::span<const std::string> paths) {
  std::map<std::string, LastWrite> last;
  for (const JournalEntry& entry : Past(connection).writes_of_values(platform, account)) {
    const bool done = entry.state == OperationState::done || entry.state == OperationState::owed;
    if (!done && !may_have_happened(entry)) continue;
    const Operation operation = operation_from_json(json::parse(entry.detail));
    const bool creates = operation.kind == OperationKind::create && done;
    for (const std::string& path : paths) {
      if (!operation.after.contains(path) && !creates) continue;
      const json value = operation.after.value(path, json());
      last[path] = {done ? std::optional(value) : std::nullopt, entry.run, entry.sent_at};
    }
  }
  return last;
}

}  // namespace usher
