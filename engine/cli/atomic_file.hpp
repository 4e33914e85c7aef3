#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace usher::cli {

/// Who may read a file beside its owner.
enum class Readers { nobody, everybody };

/// Where a path leads, link by link, also where nothing stands at the end of the last one.
std::filesystem::path where_links_lead(const std::filesystem::path& file);

/// Throws CommandError(failed), which says that nothing was done yet, where no such file could be made now.
/// For before a command does anything that cannot be repeated. what: as below.
void expect_writable(const std::filesystem::path& file, const std::string& what);

/// A new file of mode 0600 or 0644 that takes the place of an old one only when it is complete and on disk;
/// who could read an old one of the same user can read the new one. Follows links, also to where nothing
/// stands yet, and takes the place of no device, folder, database or name that the system makes (/dev,
/// /proc). Removed when it is never committed. Everything throws CommandError(failed) that names the file.
class AtomicFile {
 public:
  /// what: how messages call it, "plan file". beside: a file whose owner gets the new one where root writes
  /// it; empty: it stays root's.
  AtomicFile(const std::filesystem::path& file, std::string what, Readers readers = Readers::nobody,
             const std::filesystem::path& beside = {});
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where links lead: what is replaced.
  const std::filesystem::path& file() const { return file_; }

  void write(std::string_view text);
  void commit();

 private:
  void sync_folder() const;
  [[noreturn]] void fail() const;

  std::filesystem::path file_;
  std::string what_;
  std::string fresh_;
  std::FILE* stream_ = nullptr;
};

}  // namespace usher::cli
