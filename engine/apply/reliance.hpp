#pragma once

#include <optional>
#include <span>
#include <string>

#include "state/model/account.hpp"
#include "state/model/operation.hpp"
#include "state/model/schema.hpp"

namespace usher {

/// Why an operation no longer fits the account as it was just read; empty: it fits. It does not when the
/// account is gone or somebody else's by now, when what it writes over changed, or when the account was
/// disabled meanwhile (what takes memberships, tokens or the use of the account away goes on then). change:
/// all operations of the same change, so that what one of them wrote already is no surprise to the next.
/// edges_read: the account's memberships were read too. schema: what no pull shows is not compared.
std::string why_stale(const Operation& operation, std::span<const Operation> change,
                      const std::optional<Account>& account, bool edges_read, const Schema& schema);

}  // namespace usher
