#include "state/model/relied_memberships.hpp"

#include <nlohmann/json.hpp>

#include "state/model/account.hpp"

namespace usher {

nlohmann::json held_memberships(const Account& account) {
  nlohmann::json held = nlohmann::json::object();
  if (account.memberships.empty()) return held;
  for (const auto& [kind, edges] : nlohmann::json::parse(account.memberships).items())
    if (!edges.empty()) held[kind] = edges;
  return held;
}

}  // namespace usher
