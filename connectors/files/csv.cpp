#include "connectors/files/csv.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "connectors/files/csv_records.hpp"
#include "connectors/files/source_connector.hpp"
#include "connectors/files/source_options.hpp"

namespace usher {
namespace {

constexpr std::size_t chunk_size = 256U << 10U;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct CsvOptions {
  SourceOptions source;
  char delimiter = ',';
  TextEncoding encoding = TextEncoding::utf8;
  std::vector<std::string> columns;
};

/// Feeds a file to the parser, a chunk at a time.
class CsvFormat : public SourceFormat {
 public:
  explicit CsvFormat(CsvOptions options) : options_(std::move(options)) {}

  void begin(const SourceFile& file, RecordPage& page) override {
    rows_.reset();
    records_ =
        std::make_unique<CsvRecords>(options_.columns, options_.source.key, options_.encoding, file, page);
    rows_ = std::make_unique<CsvRows>(options_.delimiter, *records_);
    first_ = true;
  }

  Outcome<bool> advance(SourceFile& file) override {
    if (auto read = file.read(chunk_, chunk_size); !read) return tl::unexpected(read.error());
    std::string_view chunk = chunk_;
    if (first_ && (chunk.starts_with("\xFF\xFE") || chunk.starts_with("\xFE\xFF")))
      return tl::unexpected(
          file.failure(FailureKind::malformed, "this is UTF-16 text; save the file as UTF-8"));
    if (first_ && chunk.starts_with(byte_order_mark)) chunk.remove_prefix(byte_order_mark.size());
    first_ = false;
    rows_->feed(chunk);
    if (chunk_.size() < chunk_size) rows_->finish();
    if (records_->unusable()) return tl::unexpected(*records_->unusable());
    return chunk_.size() == chunk_size;
  }

 private:
  CsvOptions options_;
  std::unique_ptr<CsvRecords> records_;
  std::unique_ptr<CsvRows> rows_;
  std::string chunk_;
  bool first_ = true;
};

/// `;`, or one of the words for what cannot be seen.
std::optional<char> delimiter_of(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text == "comma") return ',';
  if (text == "semicolon") return ';';
  if (text == "pipe") return '|';
  const bool usable = text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 &&
                      std::string_view("\"\r\n").find(text[0]) == std::string_view::npos && text[0] != '\0';
  return usable ? std::optional<char>(text[0]) : std::nullopt;
}

/// A JSON array, as a list in the configuration arrives, or names with commas between.
std::vector<std::string> columns_of(const std::string& text) {
  std::vector<std::string> columns;
  const nlohmann::json list = nlohmann::json::parse(text, nullptr, false);
  if (list.is_array()) {
    for (const nlohmann::json& name : list)
      if (name.is_string()) columns.push_back(name.get<std::string>());
    return columns;
  }
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', at), end);
    const std::string name = text.substr(first, end - first);
    columns.push_back(name.substr(0, name.find_last_not_of(' ') + 1));
    at = end + 1;
  }
  return columns;
}

}  // namespace

ConnectorKind csv_kind() {
  ConnectorKind kind;
  kind.name = "csv";
  kind.about = "a file of comma-separated values, as RFC 4180 has them; every cell is a text";
  kind.options = source_options();
  kind.options.push_back(
      {"delimiter", "string", false, ",", "what separates cells: one character, or tab", {}});
  kind.options.push_back({"encoding",
                          "string",
                          false,
                          "utf-8",
                          "how the file encodes text",
                          {"utf-8", "latin1", "windows-1252"}});
  kind.options.push_back(
      {"columns", "string", false, "", "the names of the columns, when the file has no header row", {}});
  kind.origin = "built in";
  return kind;
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_csv(const Settings& settings) {
  std::vector<Diagnostic> mistakes;
  CsvOptions options;
  options.source = read_source_options(settings, csv_kind(), mistakes);
  if (const auto delimiter = delimiter_of(option_or(settings, "delimiter", ",")))
    options.delimiter = *delimiter;
  else
    mistakes.push_back(mistake_about(
        settings, "delimiter", "'delimiter' must be one character that is no quote and no line end, or tab"));
  const std::string encoding = option_or(settings, "encoding", "utf-8");
  options.encoding = encoding == "latin1"         ? TextEncoding::latin1
                     : encoding == "windows-1252" ? TextEncoding::windows1252
                                                  : TextEncoding::utf8;
  if (settings.options.contains("columns")) options.columns = columns_of(option_or(settings, "columns", ""));
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  const SourceOptions source = options.source;
  return make_source("csv", source, std::make_unique<CsvFormat>(std::move(options)));
}

}  // namespace usher
