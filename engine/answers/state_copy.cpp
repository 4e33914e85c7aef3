#include "engine/answers/state_copy.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>

#include "state/store/backup.hpp"

namespace usher {

namespace {

namespace fs = std::filesystem;

fs::path private_folder() {
  std::string name = (fs::temp_directory_path() / "usher-copy-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw StoreError(
        StoreErrorKind::failed,
        fmt::format("{}: no folder for a copy of the state can be made: {}; TMPDIR names another "
                    "place",
                    name, std::strerror(errno)));
  return name;
}

}  // namespace

StateCopy::StateCopy(const fs::path& state) : folder_(private_folder()) {
  try {
    const fs::path file = folder_ / "state.db";
    copy_state(state, file);
    database_ = std::make_unique<Database>(file, Access::write, "usher");
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    throw;
  }
}

StateCopy::~StateCopy() {
  database_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

}  // namespace usher
