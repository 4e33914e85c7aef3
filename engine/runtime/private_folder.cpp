#include "engine/runtime/private_folder.hpp"

#include <fmt/format.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp

#include <cerrno>
#include <cstring>
#include <system_error>

#include "engine/runtime/exit_code.hpp"

namespace usher {

PrivateFolder::PrivateFolder(const char* purpose) {
  std::error_code none;
  const std::filesystem::path all = std::filesystem::temp_directory_path(none);
  std::string name = (all / fmt::format("usher-{}-XXXXXX", purpose)).string();
  if (all.empty() || ::mkdtemp(name.data()) == nullptr)
    throw CommandError(ExitCode::failed,
                       fmt::format("No folder can be made in '{}': {}; TMPDIR names another place.",
                                   all.string(), all.empty() ? none.message() : std::strerror(errno)));
  path_ = name;
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace usher
