#include "connectors/files/csv_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "connectors/files/csv_rows.hpp"
#include "connectors/files/csv_text.hpp"
#include "connectors/files/text_decoder.hpp"

namespace usher {
namespace {

constexpr std::size_t largest_sample = 64U << 20U;

constexpr std::size_t looked_at = 20;  // lines and rows, for the form of the file

/// What most of them are; of several the one that comes first.
std::size_t most_common(const std::vector<std::size_t>& numbers) {
  std::size_t best = 0, times = 0;
  for (const std::size_t number : numbers) {
    const auto count = static_cast<std::size_t>(std::count(numbers.begin(), numbers.end(), number));
    if (count > times) {
      best = number;
      times = count;
    }
  }
  return best;
}

/// Gathers rows until there are enough. The header is the first row that is as wide as most and at least half
/// filled: titles above it are not.
class Rows : public CsvListener {
 public:
  Rows(CsvSample& sample, std::size_t most) : sample_(sample), most_(most) {}

  void row(const CsvRow& row) override {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) cells.emplace_back(without_invisible_ends(row.cell(i)));
    if (!sample_.columns.empty()) return take(std::move(cells));
    first_.emplace_back(row.line, std::move(cells));
    if (first_.size() == looked_at) find_header();
  }
  void broken(std::uint64_t, const std::string&) override {}
  void finish() {
    if (sample_.columns.empty()) find_header();
  }

 private:
  using Cells = std::vector<std::string>;

  void take(Cells cells) {
    if (sample_.rows.size() >= most_ || cells.size() < sample_.columns.size()) return;
    cells.resize(sample_.columns.size());
    sample_.rows.push_back(std::move(cells));
  }

  bool is_header(const Cells& cells, std::size_t width) const {
    const auto filled =
        std::count_if(cells.begin(), cells.end(), [](const auto& cell) { return !cell.empty(); });
    return cells.size() == width && static_cast<std::size_t>(filled) * 2 >= width;
  }

  void find_header() {
    std::vector<std::size_t> widths;
    for (const auto& [line, cells] : first_) widths.push_back(cells.size());
    const std::size_t width = most_common(widths);
    auto header = std::find_if(first_.begin(), first_.end(),
                               [&](const auto& one) { return is_header(one.second, width); });
    if (header == first_.end()) header = first_.begin();
    if (header == first_.end()) return;
    if (header != first_.begin()) sample_.skip_rows = header->first - 1;
    for (std::string& name : header->second) name = without_blanks(name);
    while (header->second.size() > 1 && header->second.back().empty()) header->second.pop_back();
    sample_.columns = std::move(header->second);
    while (++header != first_.end()) take(std::move(header->second));
    first_.clear();
  }

  CsvSample& sample_;
  std::size_t most_;
  std::vector<std::pair<std::uint64_t, Cells>> first_;  ///< with their lines, until the header is known
};

/// How often a line holds it outside of quotes.
std::size_t count_unquoted(std::string_view line, char wanted) {
  std::size_t count = 0;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == wanted && !quoted) ++count;
  }
  return count;
}

/// The delimiter that most of the first lines hold equally often, and of several the most frequent one.
char delimiter_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < looked_at) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!lines.empty() && lines.front().size() == 5 && lines.front().starts_with("sep="))
    return lines.front()[4];
  char best = ',';
  std::pair<std::size_t, std::size_t> most{0, 0};
  for (const char candidate : {',', ';', '\t', '|'}) {
    std::vector<std::size_t> counts;
    for (const std::string_view line : lines)
      if (const std::size_t count = count_unquoted(line, candidate); count > 0) counts.push_back(count);
    const std::size_t usual = most_common(counts);
    const auto lines_with = static_cast<std::size_t>(std::count(counts.begin(), counts.end(), usual));
    if (std::pair(lines_with, usual) <= most) continue;
    most = {lines_with, usual};
    best = candidate;
  }
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
  const bool separator = rest.starts_with("sep=");
  if (separator) rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
  Rows rows(sample, most);
  CsvRows parser(sample.delimiter, separator ? 2 : 1, rows);
  parser.feed(rest);
  parser.finish();
  rows.finish();
  if (sample.columns.empty() || sample.rows.empty())
    return tl::unexpected(std::string("it has no header and a row below it"));
  return sample;
}

}  // namespace usher
