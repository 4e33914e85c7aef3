#pragma once

#include <string>
#include <string_view>

namespace usher::cli {

/// The file of --trace-http: of mode 0600 and begun anew; in place of an earlier trace, and of nothing else.
/// Threads: one at a time.
class TraceFile {
 public:
  /// Throws CommandError(failed) that names the file.
  explicit TraceFile(const std::string& file);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  /// What cannot be written is left out: a trace must not end the work that it shows.
  void write(std::string_view text) noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace usher::cli
