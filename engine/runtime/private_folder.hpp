#pragma once

#include <filesystem>

namespace usher {

/// A folder of mode 0700 under the folder for temporary files, removed with all that is in it. One thread.
class PrivateFolder {
 public:
  /// purpose: a part of its name, "copy". Throws CommandError(failed), with TMPDIR as what to do.
  explicit PrivateFolder(const char* purpose);
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace usher
