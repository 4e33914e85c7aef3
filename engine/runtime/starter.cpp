#include "engine/runtime/starter.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace usher {

Starter started_by() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const passwd* user = getpwuid(getuid());
  std::string name = user == nullptr ? std::to_string(getuid()) : user->pw_name;
  const char* behind = getuid() == 0 ? std::getenv("SUDO_USER") : nullptr;
  if (behind != nullptr && *behind != '\0') name = behind;
  return {std::move(name), host.data()};
}

}  // namespace usher
