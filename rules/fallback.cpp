#include "rules/fallback.hpp"

#include <stdexcept>
#include <string>

#include "state/model/named.hpp"

namespace usher {

const char* to_string(Fallback fallback) {
  switch (fallback) {
    case Fallback::report:
      return "report";
    case Fallback::lock:
      return "lock";
    case Fallback::remove:
      return "delete";
    case Fallback::recreate:
      return "recreate";
  }
  return "";
}

Fallback fallback(std::string_view name) {
  if (const auto known = named<Fallback>(name)) return *known;
  throw std::invalid_argument("unknown fallback '" + std::string(name) + "'");
}

}  // namespace usher
