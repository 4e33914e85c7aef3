#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "state/model/capabilities.hpp"
#include "state/model/operation.hpp"

namespace usher {

/// Whether an operation makes sense only after another one of the same change: everything on a new account
/// after its create, a create in place of an account after that account's removal, an update after the enable
/// where the platform changes active accounts only, a removal after the additions of its kind where an
/// account must have at least one. Nothing else that takes away waits for anything.
bool needs(const Operation& later, const Operation& earlier, const Capabilities& capabilities);

/// The index of the first operation before `index` that operations[index] needs and that is not done;
/// nullopt: there is none. done: one flag an operation.
std::optional<std::size_t> open_predecessor(std::span<const Operation> operations, std::size_t index,
                                            const std::vector<bool>& done, const Capabilities& capabilities);

}  // namespace usher
