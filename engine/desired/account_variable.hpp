#pragma once

#include <nlohmann/json.hpp>

#include "state/model/account.hpp"

namespace usher {

/// The variable `account` of expressions: the attributes with `id`, `active` and `memberships` (kind -> id ->
/// details).
inline nlohmann::json account_variable(const Account& account) {
  nlohmann::json object = nlohmann::json::parse(account.attributes);
  object["id"] = account.id;
  object["active"] = account.active;
  object["memberships"] = nlohmann::json::parse(account.memberships.empty() ? "{}" : account.memberships);
  return object;
}

}  // namespace usher
