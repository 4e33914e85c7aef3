#include "engine/runtime/version.hpp"

#include <string>

#include "engine/runtime/stamp.hpp"

namespace usher {

std::string_view version() {
  return USHER_VERSION;
}

std::string_view revision() {
  return USHER_REVISION;
}

std::string_view version_text() {
  static const std::string text =
      "usher " + std::string(version()) + (revision().empty() ? "" : " (" + std::string(revision()) + ")");
  return text;
}

std::string_view planning_sources() {
  return USHER_PLANNING_SOURCES;
}

}  // namespace usher
