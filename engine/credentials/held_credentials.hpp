#pragma once

#include <string>
#include <vector>

#include "connectors/connector.hpp"

namespace usher {

/// Whose credentials are asked for, on one platform.
struct CredentialQuery {
  std::string platform;
  std::string key;   ///< a person's key, an account's id or label; or the id of what else holds credentials
  std::string kind;  ///< of credential; empty: all, or the only one there is
};

/// The credentials of one account as its platform tells them.
struct HeldCredentials {
  std::string account, person, label;
  std::vector<Credential> credentials;  ///< never the secrets
};

}  // namespace usher
