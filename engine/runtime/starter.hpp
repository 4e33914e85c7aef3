#pragma once

#include <string>

namespace usher {

/// Who started this process, and where: the name of the real user, or of the one that sudo was called by.
struct Starter {
  std::string user, host;

  /// "user@host"
  std::string text() const { return user + "@" + host; }
};
Starter started_by();

}  // namespace usher
