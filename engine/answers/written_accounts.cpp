#include "engine/answers/written_accounts.hpp"

#include <nlohmann/json.hpp>

#include "state/model/effect.hpp"
#include "state/model/operation.hpp"

namespace usher {

void WrittenAccounts::add(const JournalEntry& entry) {
  if (entry.state != OperationState::done && entry.state != OperationState::owed) return;
  const Operation operation = operation_from_json(nlohmann::json::parse(entry.detail));
  const bool creates = operation.kind == OperationKind::create;
  std::string id = entry.account;
  if (creates) made_[entry.person] = id;
  if (id.empty()) id = made_[entry.person];  // planned before the account had an id
  if (id.empty()) return;
  std::optional<Account>& account = known(id);
  if (operation.kind == OperationKind::remove) return account.reset();
  if (creates) account = Account{id, operation.active, "{}", "{}"};
  if (account) apply_effect(operation, *account, can_);
}

std::optional<Account>& WrittenAccounts::known(const std::string& id) {
  const auto [found, is_new] = accounts_.try_emplace(id);
  if (is_new) found->second = lookup_(id);
  return found->second;
}

}  // namespace usher
