#include "state/model/settings.hpp"

#include <fmt/format.h>

namespace usher {

std::string SourceLocation::to_string() const {
  if (line <= 0) return file;
  return column > 0 ? fmt::format("{}:{}:{}", file, line, column) : fmt::format("{}:{}", file, line);
}

}  // namespace usher
