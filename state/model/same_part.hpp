#pragma once

#include "state/model/operation.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Whether two operations on one account change the same part of it: an attribute, a membership, or whether
/// it can be used.
bool about_the_same(const Operation& one, const Operation& other);

/// Whether an operation on the account of a change writes a part of it that the change concerns. A create and
/// a removal concern all of it.
bool about_the_same(const Operation& operation, const Change& change);

}  // namespace usher
