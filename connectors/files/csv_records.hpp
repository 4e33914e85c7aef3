#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/files/csv_rows.hpp"
#include "connectors/files/record_page.hpp"

namespace usher {

enum class TextEncoding { utf8, latin1, windows1252 };

/// Makes records out of rows: the header names their attributes, one column is the key. Not thread-safe.
class CsvRecords : public CsvListener {
 public:
  /// columns: the names when the file has no header. file and page outlive this.
  CsvRecords(std::vector<std::string> columns, std::string key, TextEncoding encoding, const SourceFile& file,
             RecordPage& page);

  void row(const CsvRow& row) override;
  void broken(std::uint64_t line, const std::string& why) override;

  /// What makes the whole file unusable: a header without the key column, with a name twice or without a
  /// name.
  const std::optional<Failure>& unusable() const { return unusable_; }

 private:
  void take_header(std::vector<std::string> names, std::uint64_t line);
  bool append_cell(std::string& json, std::string_view cell, std::uint64_t line, std::size_t column);

  std::vector<std::string> names_;
  std::string key_;
  TextEncoding encoding_;
  const SourceFile& file_;
  RecordPage& page_;
  std::size_t key_column_ = 0;
  std::vector<std::size_t> order_;     ///< columns by name
  std::vector<std::string> prefixes_;  ///< `{"name":` and `,"name":`, in that order
  std::string json_;
  std::optional<Failure> unusable_;
};

}  // namespace usher
