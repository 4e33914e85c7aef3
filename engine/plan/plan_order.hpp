#pragma once

#include "state/model/plan.hpp"

namespace usher {

/// Puts a plan in order: by platform, what gives before what takes away, then by label: an order that does
/// not depend on the store's keys. Operations follow their changes.
void put_in_order(Plan& plan);

}  // namespace usher
