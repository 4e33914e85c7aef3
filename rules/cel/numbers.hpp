#pragma once

#include <string>

namespace usher::cel {

/// The shortest text that reads back as the same number; `NaN`, `Infinity`, `-Infinity`.
std::string format_double(double number);

}  // namespace usher::cel
