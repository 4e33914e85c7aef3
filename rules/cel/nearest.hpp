#pragma once

#include <span>
#include <string>
#include <string_view>

namespace usher::cel {

/// "; did you mean 'x'?" for the name that is nearest to what was written, empty where none is near.
std::string suggestion(std::string_view written, std::span<const std::string_view> names);

}  // namespace usher::cel
