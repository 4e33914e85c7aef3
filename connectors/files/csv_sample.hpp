#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace usher {

/// A CSV file nobody has described yet: its form as it was found out, and its first rows.
struct CsvSample {
  char delimiter = ',';
  std::string encoding;              ///< empty: UTF-8, or what a mark says; else a name for `encoding`
  std::uint64_t skip_rows = 0;       ///< lines above the header
  std::vector<std::string> columns;  ///< of the header; one at the end without a name is left out
  std::vector<std::vector<std::string>> rows;  ///< as many cells as columns each
};

/// Reads up to `most` rows. The error says why the file is none that can be proposed from.
tl::expected<CsvSample, std::string> sample_csv(const std::filesystem::path& file, std::size_t most);

}  // namespace usher
