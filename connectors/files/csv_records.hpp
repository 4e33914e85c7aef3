#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/files/csv_options.hpp"
#include "connectors/files/csv_rows.hpp"
#include "connectors/files/record_page.hpp"

namespace usher {

/// Makes records out of rows of UTF-8 text: the header names their attributes, some columns are the key.
/// Columns without a name must be empty, and columns that share a name are left out, unless the rules read
/// them. Not thread-safe.
class CsvRecords : public CsvListener {
 public:
  /// delimiter: of the rows to come. encoding: the file's, for messages. All outlive this.
  CsvRecords(const CsvOptions& options, char delimiter, const std::string& encoding, const SourceFile& file,
             RecordPage& page);

  void row(const CsvRow& row) override;
  void broken(std::uint64_t line, const std::string& why) override;
  /// After the last row.
  void finish();

  /// What makes the whole file unusable: a header without the key columns or with a name twice that is used,
  /// a trailer that is missing.
  const std::optional<Failure>& unusable() const { return unusable_; }

 private:
  void fail(const std::string& message, std::uint64_t line);
  void read_header(const CsvRow& row);
  void take_header(std::vector<std::string> names, std::uint64_t line);
  std::vector<std::string> twice() const;
  bool find_keys(std::uint64_t line);
  void order_columns(const std::vector<std::string>& left_out);
  void look_for_header(const CsvRow& row);
  void hold_if_only_a_key(const CsvRow& row);
  void accept_held();
  void record(const CsvRow& row);
  std::string misfit(const CsvRow& row);
  std::string swallowed(const CsvRow& row) const;
  /// Whether at most half of its columns have a value: as in a total.
  bool is_half_empty(const CsvRow& row) const;
  bool is_of_key(std::size_t column) const;
  /// Whether nothing but its key has a value, where records have two other columns at least.
  bool has_only_a_key(const CsvRow& row) const;
  void judge_last_row();
  std::string append_cell(std::string& json, std::string_view cell, std::size_t column);
  void append_date(std::string& json, std::string_view cell, std::size_t column) const;
  void check_footer();
  void check_trailer();

  const CsvOptions& options_;
  char delimiter_;
  const std::string& encoding_;
  const SourceFile& file_;
  RecordPage& page_;
  std::vector<std::string> names_;  ///< as the header has them, without unnamed ones at its end
  std::size_t header_width_ = 0;
  std::optional<std::size_t> width_;  ///< cells of every row
  std::vector<std::size_t> key_columns_;
  std::size_t others_ = 0;                              ///< columns with a name that are not of the key
  std::vector<std::size_t> order_;                      ///< columns that records have, by name
  std::vector<std::string> prefixes_;                   ///< `{"name":` and `,"name":`, in that order
  std::vector<const std::vector<std::string>*> dates_;  ///< by column: how it writes dates; null: it has none
  std::deque<CsvRow> held_;                             ///< the last rows: a footer, when no more come
  bool keys_alone_are_records_ = false;                 ///< a row that was not the last had only a key
  std::uint64_t line_ = 0;                              ///< of the row being read
  std::uint64_t counted_ = 0;                           ///< rows that are records, or should be
  std::uint64_t odd_at_end_ = 0;                        ///< rows of another width, since the last that fitted
  std::uint64_t odd_ = 0;
  std::string json_;
  std::optional<Failure> unusable_;
  std::uint64_t looked_ = 0;  ///< rows below a header that has no key
};

}  // namespace usher
