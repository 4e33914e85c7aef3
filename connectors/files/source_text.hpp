#pragma once

#include <string>
#include <string_view>

#include "connectors/files/source_file.hpp"
#include "connectors/files/text_decoder.hpp"

namespace usher {

/// Reads a file as UTF-8 text, a chunk at a time. Not thread-safe.
class SourceText {
 public:
  /// encoding: as TextDecoder has it.
  explicit SourceText(std::string encoding = {}) : decoder_(std::move(encoding)) {}

  /// From the beginning of the file again.
  void begin();

  /// The next piece of text, valid until the next call.
  Outcome<std::string_view> next(SourceFile& file);

  /// That was the last piece.
  bool ended() const { return ended_; }
  /// What the text is in, for messages.
  const std::string& encoding() const { return decoder_.encoding(); }

 private:
  TextDecoder decoder_;
  std::string chunk_;
  bool ended_ = false;
};

}  // namespace usher
