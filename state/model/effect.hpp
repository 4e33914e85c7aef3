#pragma once

#include <optional>

#include "state/model/account.hpp"
#include "state/model/capabilities.hpp"
#include "state/model/operation.hpp"

namespace usher {

/// Whether an account, as it was just read, shows that an operation took effect.
bool took_effect(const Operation& operation, const std::optional<Account>& account,
                 const Capabilities& capabilities);

/// Makes of an account what a pull shows once an operation took effect, as far as that is known. Attributes
/// that no pull answers, tokens and passwords change nothing; what unlocking shows is not known. Not for
/// removals.
void apply_effect(const Operation& operation, Account& account, const Capabilities& capabilities);

/// Whether an account can show that at all: no platform tells which password it holds, or what an attribute
/// is that a pull does not answer.
bool shows_effect(const Operation& operation, const Capabilities& capabilities);

/// Whether the account reads as a locked one does, as far as the platform shows that.
bool looks_locked(const Account& account, const Capabilities& capabilities);

}  // namespace usher
