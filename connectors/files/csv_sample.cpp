#include "connectors/files/csv_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "connectors/files/csv_rows.hpp"
#include "connectors/files/csv_text.hpp"
#include "connectors/files/text_decoder.hpp"

namespace usher {
namespace {

constexpr std::size_t largest_sample = 64U << 20U;

/// Gathers rows until there are enough.
class Rows : public CsvListener {
 public:
  Rows(CsvSample& sample, std::size_t most) : sample_(sample), most_(most) {}

  void row(const CsvRow& row) override {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) cells.emplace_back(without_invisible_ends(row.cell(i)));
    if (sample_.columns.empty()) {
      for (std::string& name : cells) name = without_blanks(name);
      while (cells.size() > 1 && cells.back().empty()) cells.pop_back();
      sample_.columns = std::move(cells);
    } else if (sample_.rows.size() < most_ && cells.size() >= sample_.columns.size()) {
      cells.resize(sample_.columns.size());
      sample_.rows.push_back(std::move(cells));
    }
  }
  void broken(std::uint64_t, const std::string&) override {}

 private:
  CsvSample& sample_;
  std::size_t most_;
};

/// The delimiter that the first line holds most of.
char delimiter_of(std::string_view text) {
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  if (line.size() == 5 && line.starts_with("sep=")) return line[4];
  char best = ',';
  for (const char candidate : {',', ';', '\t', '|'})
    if (std::count(line.begin(), line.end(), candidate) > std::count(line.begin(), line.end(), best))
      best = candidate;
  return best;
}

/// The lines of a text that are whole, where more of the file follows.
std::string_view whole_lines(std::string_view text, bool more_follows) {
  const std::size_t end = more_follows ? text.find_last_of("\r\n") : std::string_view::npos;
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

}  // namespace

tl::expected<CsvSample, std::string> sample_csv(const std::filesystem::path& file, std::size_t most) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return tl::unexpected(std::string("there is no such file"));
  std::ifstream in(file, std::ios::binary);
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  const bool more_follows = size > largest_sample;
  std::string bytes(std::min<std::uintmax_t>(size, largest_sample), '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    return tl::unexpected(std::string("it cannot be read"));
  CsvSample sample;
  TextDecoder decoder;
  auto text = decoder.decode(bytes, !more_follows);
  if (!text) return tl::unexpected(text.error());
  TextDecoder western("windows-1252");
  if (!is_utf8(whole_lines(*text, more_follows))) {
    sample.encoding = "windows-1252";
    text = western.decode(bytes, !more_follows);
    if (!text) return tl::unexpected(text.error());
  }
  std::string_view rest = whole_lines(*text, more_follows);
  sample.delimiter = delimiter_of(rest);
  if (rest.starts_with("sep=")) rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
  Rows rows(sample, most);
  CsvRows parser(sample.delimiter, 1, rows);
  parser.feed(rest);
  parser.finish();
  if (sample.columns.empty() || sample.rows.empty())
    return tl::unexpected(std::string("it has no header and a row below it"));
  return sample;
}

}  // namespace usher
