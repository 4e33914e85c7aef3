#pragma once

#include <string>

#include "state/model/plan.hpp"
#include "state/store/database.hpp"
#include "state/store/journal.hpp"

namespace usher {

// What the end of an operation means for later plans. Each joins the caller's transaction.

/// A leaver's tokens are shown by no pull: what could not be taken is remembered until it is.
void remember_taking(Database& database, const Operation& operation, OperationState state);

/// What a platform does not take is not sent again tomorrow morning as it was. message: what it said.
void remember_refusal(Database& database, const Operation& operation, const std::string& message,
                      const std::string& at);

/// The account is now what is wanted: a later difference is somebody else's.
void remember_applied(Database& database, const Operation& operation);

}  // namespace usher
