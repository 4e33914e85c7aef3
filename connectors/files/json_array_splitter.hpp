#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// Takes what JsonArraySplitter finds.
class JsonListener {
 public:
  virtual ~JsonListener() = default;
  /// One element of the list, as its text stands in the file, and the line it begins in (from 1).
  virtual void element(std::string_view text, std::uint64_t line) = 0;
};

/// Finds the elements of one list inside a JSON document that arrives in chunks, holding no more than one of
/// them. Looks at structure only: whether an element is valid JSON is for its reader to say.
class JsonArraySplitter {
 public:
  static constexpr std::size_t largest_element = 16U << 20U;

  /// path: the keys that lead to the list; empty: the document is the list.
  JsonArraySplitter(std::vector<std::string> path, JsonListener& listener);

  /// False: the document is not as expected and problem() says why; then nothing more is read.
  bool feed(std::string_view chunk);
  /// After the last chunk. False: the document ended too early.
  bool finish();

  const std::string& problem() const { return problem_; }
  std::uint64_t line() const { return line_; }  ///< how far it came, from 1

 private:
  enum class Phase { seek, list, element, tail, failed };

  std::size_t string_end(std::string_view chunk, std::size_t at);
  std::size_t pass_string(std::string_view chunk, std::size_t at);
  bool key_is_on_path() const;
  void seek(char c);
  void open(char c);
  void between_elements(char c);
  std::size_t pass_element(std::string_view chunk, std::size_t at);
  std::size_t element_end(std::string_view chunk, std::size_t at);
  void close_list();
  void fail(std::string problem);
  std::string place() const;

  std::vector<std::string> path_;
  JsonListener& listener_;
  Phase phase_ = Phase::seek;
  bool in_string_ = false;
  bool escaped_ = false;
  std::size_t depth_ = 0;    ///< open brackets outside the list
  std::size_t on_path_ = 0;  ///< depth of the innermost open object that the path leads through
  std::size_t matched_ = 0;  ///< keys of the path found so far
  bool due_ = true;          ///< the next value is on the path
  bool key_due_ = false;     ///< the next string is a key of the object on the path
  std::string key_;
  bool element_due_ = true;  ///< in the list: an element may come; else a comma must
  bool comma_ = false;       ///< in the list: a comma was the last thing
  std::size_t inside_ = 0;   ///< open brackets inside the element
  std::string text_;         ///< the part of the element that stood in earlier chunks
  std::uint64_t line_ = 1;
  std::uint64_t begun_ = 1;  ///< line the element begins in
  std::string problem_;
};

}  // namespace usher
