#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>

#include "rules/accounts.hpp"

namespace usher {

/// What a person should have on a platform as canonical text, for its digest and for comparing:
/// {"groups":[["group","engineers",["g_list"]],…],"set":{"credentials.identity":"ada@example.com","name":null}}.
/// Values are normalised as the platform's accounts are, null where they are empty. Sets and group details
/// are sorted. An error says which value the platform cannot hold.
tl::expected<std::string, RuleFailure> desired_account_json(const WantedAccount& wanted,
                                                            const AccountProgram& program);

}  // namespace usher
