#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/apply/apply.hpp"
#include "state/store/secret_spool.hpp"

namespace usher {

/// Does what earlier runs owe: the calls that make new accounts whole and were refused, and the handing over
/// of secrets. Secrets whose operation was in doubt are decided first: that of a create is for the account
/// its person is linked to since; one of an account that was there before is handed over, because it may
/// hold. Answers what is still owed.
std::vector<OperationReport> do_what_is_owed(Database& database, SecretSpool& spool,
                                             const std::map<std::string, ExecuteTarget>& targets,
                                             std::int64_t run, std::stop_token stop);

}  // namespace usher
