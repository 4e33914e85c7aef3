#pragma once

#include <string>

namespace usher {

/// What `usher init` writes: a short configuration to start from, with comments, valid as it stands apart
/// from the two secrets it asks the environment for.
std::string commented_configuration();

}  // namespace usher
