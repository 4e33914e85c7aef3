#include "state/model/account.hpp"

#include <nlohmann/json.hpp>

namespace usher {

std::string canonical_memberships(const std::vector<Membership>& edges) {
  if (edges.empty()) return "{}";
  nlohmann::json json = nlohmann::json::object();  // keys are kept sorted
  for (const Membership& edge : edges) json[edge.kind][edge.entitlement] = edge.details;
  return json.dump();
}

}  // namespace usher
