#include "engine/runtime/version.hpp"

namespace usher {

std::string_view version() {
  return USHER_VERSION;
}

}  // namespace usher
