#pragma once

#include <cstdint>
#include <string>

namespace usher {

/// A file that first secrets are handed over to, one JSON object a line: mode 0600, never a symbolic link.
/// Every call answers an empty text, or what went wrong with the file's name. Several threads and processes
/// may work on one file: each call locks it (flock).
class SecretsFile {
 public:
  explicit SecretsFile(std::string file) : file_(std::move(file)) {}

  /// Adds lines, synced. None: whether it could.
  std::string append(const std::string& lines) const;
  /// Takes out the lines of a platform that were handed over before then (seconds since 1970). A line that
  /// says no time stays.
  std::string drop_before(const std::string& platform, std::int64_t then) const;

 private:
  std::string why(const char* what) const;
  std::string replace(const std::string& lines) const;

  std::string file_;
};

}  // namespace usher
