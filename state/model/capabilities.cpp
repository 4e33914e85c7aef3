#include "state/model/capabilities.hpp"

#include <algorithm>

namespace usher {

const EntitlementKind* Capabilities::entitlement(std::string_view kind) const {
  const auto found = std::find_if(entitlements.begin(), entitlements.end(),
                                  [&](const EntitlementKind& candidate) { return candidate.name == kind; });
  return found == entitlements.end() ? nullptr : &*found;
}

const CredentialKind* Capabilities::credential(std::string_view kind) const {
  const auto found = std::find_if(credentials.begin(), credentials.end(),
                                  [&](const CredentialKind& candidate) { return candidate.name == kind; });
  return found == credentials.end() ? nullptr : &*found;
}

const UpdateRoute* Capabilities::route(std::string_view attribute) const {
  const auto found = std::find_if(updates.begin(), updates.end(), [&](const UpdateRoute& candidate) {
    return std::find(candidate.attributes.begin(), candidate.attributes.end(), attribute) !=
           candidate.attributes.end();
  });
  return found == updates.end() ? nullptr : &*found;
}

std::string SecretRule::characters(const std::string& wanted) const {
  std::string taken =
      wanted.empty() ? "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%+-=?@_" : wanted;
  if (!alphabet.empty()) std::erase_if(taken, [&](char c) { return alphabet.find(c) == std::string::npos; });
  std::sort(taken.begin(), taken.end());
  taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
  return taken;
}

}  // namespace usher
