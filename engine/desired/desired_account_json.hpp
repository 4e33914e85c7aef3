#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "rules/accounts.hpp"

namespace usher {

/// What a person should have on a platform as canonical text, for its digest and for comparing:
/// {"groups":[["group","engineers",["g_list"]],…],"set":{"credentials.identity":"ada@example.com","name":null}}.
/// Values are normalised as the platform's accounts are, null where they are empty. Sets and group details
/// are sorted. An error says which value the platform cannot hold.
tl::expected<std::string, RuleFailure> desired_account_json(const WantedAccount& wanted,
                                                            const AccountProgram& program);

/// Appends one value of it.
tl::expected<void, RuleFailure> append_desired_value(const WantedAccount::Value& wanted, std::string& out);
/// What a rule gives in a group: closed, sorted, each once.
std::vector<std::string> details_of(const GroupRule& rule, const AccountProgram& program);

}  // namespace usher
