#pragma once

#include <string_view>

namespace usher {

/// This program's version, "0.1.0": stands in plans and in `usher version`.
std::string_view version();

}  // namespace usher
