#pragma once

#include <stop_token>
#include <string>

#include "engine/credentials/held_credentials.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Finds whose credentials are meant and asks the platform for them: a person's linked account, an account of
/// the last pull by its id, or one the platform finds by its key. Throws CommandError(usage) when there is
/// none, or CommandError(failed) with what the platform said.
HeldCredentials held_credentials(Database& database, const Workspace& setup, const CredentialQuery& holder,
                                 std::stop_token stop);

/// The same of every account of the last pull, by account id; accounts without any are left out, and so is
/// the one this program works as. Asks for several accounts at a time.
std::vector<HeldCredentials> all_held_credentials(Database& database, const Workspace& setup,
                                                  const std::string& platform, const std::string& kind,
                                                  std::stop_token stop);

/// The plan that revokes every credential of one kind of every account of the last pull, where the platform
/// tells them of those that have any. Throws CommandError(usage) when it cannot be done.
Plan plan_revocation(Database& database, const Workspace& setup, const std::string& platform,
                     const std::string& kind, std::stop_token stop);

/// The plan of one operation on somebody's credentials. Throws CommandError(usage) when the platform has no
/// such credential or call, when nobody would get the new secret, or when it would shut this program out.
Plan plan_credential(Database& database, const Workspace& setup, const CredentialQuery& holder,
                     OperationKind act, const std::string& id, std::stop_token stop);

}  // namespace usher
