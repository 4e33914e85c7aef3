#pragma once

#include <filesystem>
#include <memory>

#include "engine/runtime/private_folder.hpp"
#include "state/store/database.hpp"

namespace usher {

/// A private copy of a state, for questions of the kind "what would happen if": what is written to it nobody
/// else sees, and it is removed at the end. It takes no lock on the state and works beside a writer. The copy
/// lies in a folder of mode 0700 under the folder for temporary files. One thread.
class StateCopy {
 public:
  /// Throws StoreError as opening the state does, or when there is no room for a copy, and what PrivateFolder
  /// throws.
  explicit StateCopy(const std::filesystem::path& state);

  Database& database() { return *database_; }

 private:
  PrivateFolder folder_;
  std::unique_ptr<Database> database_;  // closed before its folder goes
};

}  // namespace usher
