#include "engine/answers/state_copy.hpp"

#include "state/store/backup.hpp"

namespace usher {

StateCopy::StateCopy(const std::filesystem::path& state) : folder_("copy") {
  const std::filesystem::path file = folder_.path() / "state.db";
  copy_state(state, file);
  database_ = std::make_unique<Database>(file, Access::write, "usher");
}

}  // namespace usher
