#pragma once

#include <string>

#include "engine/cli/command.hpp"

namespace usher::cli {

/// The key of the person whom a text names: a key, the id of an account of theirs, a label or e-mail. The
/// text itself where there is no state yet. Throws CommandError(usage) for nobody, for several, and for an
/// account that is nobody's.
std::string person_called(const Call& call, const std::string& who);

}  // namespace usher::cli
