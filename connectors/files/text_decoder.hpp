#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace usher {

/// Turns the bytes of a file into UTF-8 text, a chunk at a time. A byte order mark is taken off and says what
/// the text is; UTF-16 is known without one too. Bytes that the encoding does not have become bytes that are
/// no UTF-8 (0xFF), so that whoever reads the text finds them in their row. Not thread-safe.
class TextDecoder {
 public:
  /// encoding: a name that is_encoding() knows; empty: UTF-8, and whatever a mark says.
  explicit TextDecoder(std::string encoding = {});
  TextDecoder(const TextDecoder&) = delete;
  TextDecoder& operator=(const TextDecoder&) = delete;
  ~TextDecoder();

  /// From the beginning of a file.
  void begin();

  /// The text of the next bytes; valid until the next call. last: no more come. The error says why the file
  /// as a whole is not what it should be: a spreadsheet, a mark that contradicts the encoding.
  tl::expected<std::string_view, std::string> decode(std::string_view bytes, bool last);

  /// What the text is in, for messages: "UTF-8", "windows-1252".
  const std::string& encoding() const { return name_; }

 private:
  std::optional<std::string> look_at_beginning(std::string_view& bytes);
  void use(const std::string& name);
  void close();
  void convert(std::string_view bytes, bool last);

  std::string given_;
  std::string name_;
  bool first_ = true;
  void* converter_ = nullptr;  ///< of iconv; null: the bytes are UTF-8 already
  std::string pending_;        ///< the beginning of a character that ends in the next chunk
  std::string text_;
};

/// Whether text in an encoding of this name can be read: utf-8, utf-16, windows-1252, iso-8859-15, shift_jis
/// and whatever else the C library knows.
bool is_encoding(const std::string& name);

/// Names of the encodings that files of people come in, for advice about a name that is unknown.
const std::vector<std::string>& common_encodings();

}  // namespace usher
