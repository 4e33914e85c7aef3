#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

#include "state/model/failure.hpp"

namespace usher {

/// A file that records are read from, front to back and again. Standard input ("-") and pipes are copied to a
/// nameless temporary file first, so that they too can be read twice. Not thread-safe.
class SourceFile {
 public:
  /// shown: the path as the configuration has it, for messages. size_limit: bytes; a larger file is not read.
  /// Nothing is opened yet.
  SourceFile(std::filesystem::path path, std::string shown, std::uint64_t size_limit);
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;
  ~SourceFile();

  /// Goes to the beginning. Fails when the file is not there (unreachable) or may not be read (denied).
  Outcome<void> rewind(std::stop_token stop);

  /// Whether it is standard input and nothing came: another command has read it, or what should write there
  /// failed. After rewind().
  bool is_empty_input() const;

  /// Fills `buffer` with the next bytes, at most `size`; empty at the end.
  Outcome<void> read(std::string& buffer, std::size_t size);

  /// Fails when the file was written to or replaced since rewind(): its records are then of two ages.
  Outcome<void> check_unchanged() const;

  /// Size, modification time in ns, and inode, "18231-1712345678000000000-4711". What cannot be read twice
  /// (standard input, a pipe) and what cannot be looked at has a mark that no other SourceFile gives: whoever
  /// compares it reads again, and is told why that does not go.
  std::string signature() const;

  const std::string& shown() const { return shown_; }
  /// A failure about this file; line 0: about the file as a whole.
  Failure failure(FailureKind kind, const std::string& message, std::uint64_t line = 0) const;

 private:
  Outcome<void> open();
  Outcome<void> check_kind(unsigned mode, std::uint64_t size) const;
  Outcome<void> spool(int from, std::stop_token stop);
  Outcome<void> copy(int from, int to, const std::stop_token& stop) const;

  std::filesystem::path path_;
  std::string shown_;
  std::uint64_t size_limit_;
  std::string unique_;  ///< the mark of what has no other
  int descriptor_ = -1;
  bool spooled_ = false;
  std::string signature_;  ///< at rewind()
};

/// How many line ends a piece of a file holds.
std::uint64_t lines_in(std::string_view text);

}  // namespace usher
