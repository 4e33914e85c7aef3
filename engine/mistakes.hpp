#pragma once

#include <vector>

#include "engine/exit_code.hpp"
#include "state/model/settings.hpp"

namespace usher {

/// Every mistake with its place, line and caret, and how many there are.
CommandError invalid_configuration(const std::vector<Mistake>& mistakes);

}  // namespace usher
