#pragma once

#include <cstddef>
#include <string>

namespace usher::cel {

/// Where an expression is wrong: byte offset and length in its source, and what to do about it.
struct Diagnostic {
  std::size_t offset;
  std::size_t length;
  std::string message;
};

}  // namespace usher::cel
