#include "state/model/relied_memberships.hpp"

#include <nlohmann/json.hpp>

#include "state/model/account.hpp"

namespace usher {

nlohmann::json held_memberships(const Account& account) {
  nlohmann::json held = nlohmann::json::object();
  if (account.memberships.empty()) return held;
  const auto memberships = nlohmann::json::parse(account.memberships);
  for (const auto& [kind, edges] : memberships.items())
    if (!edges.empty()) held[kind] = edges;
  return held;
}

}  // namespace usher
