#pragma once

#include <csv.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// One row as it stands in a file: its cells, and the line it begins in (from 1).
struct CsvRow {
  std::uint64_t line = 0;
  bool ended = true;              ///< by a line end; false: by the end of the file
  std::string text;               ///< all cells, one after the other
  std::vector<std::size_t> ends;  ///< where each cell ends in `text`

  std::size_t size() const { return ends.size(); }
  std::string_view cell(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends[index - 1];
    return std::string_view(text).substr(begin, ends[index] - begin);
  }
};

/// Takes what CsvRows reads.
class CsvListener {
 public:
  virtual ~CsvListener() = default;
  virtual void row(const CsvRow& row) = 0;
  /// A row whose quotes cannot be understood.
  virtual void broken(std::uint64_t line, const std::string& why) = 0;
};

/// Reads rows of RFC 4180 out of chunks of bytes: quoted cells may hold separators, quotes and line ends; LF,
/// CRLF and CR end a row; blanks belong to their cell; lines with nothing in any cell are no rows. After a
/// broken row it goes on with the next line. Holds one row.
class CsvRows {
 public:
  /// line: the number of the line that comes first.
  CsvRows(char delimiter, std::uint64_t line, CsvListener& listener);
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;
  ~CsvRows();

  void feed(std::string_view chunk);
  /// After the last chunk. A quote that was never closed makes the row it stands in broken.
  void finish();

 private:
  static void on_cell(void* text, std::size_t size, void* self);
  static void on_end(int c, void* self);
  void start_parser();
  void end_row(int c);
  void give_up();
  std::string runaway() const;

  CsvListener& listener_;
  char delimiter_;
  csv_parser parser_{};
  CsvRow row_;
  std::uint64_t line_;
  bool after_cr_ = false;  ///< a line feed that comes now belongs to the carriage return before
  enum class State { reading, skipping_line, lost } state_ = State::reading;
};

}  // namespace usher
