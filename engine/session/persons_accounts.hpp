#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "engine/plan/offboarding.hpp"
#include "engine/workspace/workspace.hpp"

namespace usher {

/// Whether it is known of every platform which account the person has there, or that there is none, without
/// matching anybody. False too where a connector cannot read one account.
bool all_linked(Database& database, const Workspace& setup, const PlanningInput& input,
                const std::string& person);

/// The person's accounts, each asked for by its id: in groups that cannot be asked by account only where the
/// last pull showed it, as far as that read them. One that cannot be read is told. REQUIRES all_linked().
std::map<std::string, OffboardedAccount> accounts_now(Database& database, const Workspace& setup,
                                                      const PlanningInput& input, const std::string& person,
                                                      std::stop_token stop);

}  // namespace usher
