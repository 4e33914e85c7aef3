#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/files/date_columns.hpp"
#include "connectors/files/source_options.hpp"

namespace usher {

/// What a CSV file is configured with.
struct CsvOptions {
  SourceOptions source;
  std::optional<char> delimiter;     ///< nullopt: a comma, or what a first line `sep=;` says
  std::string encoding;              ///< empty: UTF-8, or what a byte order mark says
  std::vector<std::string> columns;  ///< the names, where there is no header
  std::uint64_t skip_rows = 0;       ///< lines above the header
  /// Rows at the end that are no records; nullopt: not said, and a last row like a total is a bad one.
  std::optional<std::uint64_t> footer;
  std::string trailer;  ///< RE2: what one of them says, with the number of records; empty: nothing
  DateColumns dates;
  bool line_breaks_allowed = false;  ///< a cell may hold what looks like rows
  /// Columns that the rules read; nullopt: nobody knows.
  std::optional<std::vector<std::string>> used;
};

/// The options of a CSV file, for ConnectorKind.
std::vector<Option> csv_options();

/// Reads them; adds a mistake for each that is wrong.
CsvOptions read_csv_options(const Settings& settings, const ConnectorKind& kind,
                            std::vector<Diagnostic>& mistakes);

}  // namespace usher
