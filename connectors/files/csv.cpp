#include "connectors/files/csv.hpp"

#include <memory>

#include "connectors/files/csv_options.hpp"
#include "connectors/files/csv_records.hpp"
#include "connectors/files/source_connector.hpp"
#include "connectors/files/source_text.hpp"

namespace usher {
namespace {

/// Feeds a file to the parser, a chunk at a time.
class CsvFormat : public SourceFormat {
 public:
  explicit CsvFormat(CsvOptions options) : options_(std::move(options)), text_(options_.encoding) {}

  void begin(const SourceFile& file, RecordPage& page) override {
    rows_.reset();
    records_.reset();
    file_ = &file;
    page_ = &page;
    text_.begin();
    skipped_ = 0;
    after_cr_ = false;
  }

  Outcome<bool> advance(SourceFile& file) override {
    const auto text = text_.next(file);
    if (!text) return tl::unexpected(text.error());
    const bool last = text_.ended();
    std::string_view rest = *text;
    skip_lines(rest);
    if (!rows_ && (!rest.empty() || last)) start(rest);
    if (rows_) rows_->feed(rest);
    if (last) {
      rows_->finish();
      records_->finish();
    }
    if (records_ && records_->unusable()) return tl::unexpected(*records_->unusable());
    return !last;
  }

 private:
  /// Takes the lines above the header off.
  void skip_lines(std::string_view& text) {
    while (skipped_ < options_.skip_rows && !text.empty()) {
      if (after_cr_ && text.front() == '\n') {
        text.remove_prefix(1);
        after_cr_ = false;
        continue;
      }
      const std::size_t end = text.find_first_of("\r\n");
      if (end == std::string_view::npos) return text.remove_prefix(text.size());
      after_cr_ = text[end] == '\r';
      text.remove_prefix(end + 1);
      ++skipped_;
    }
    if (after_cr_ && text.starts_with('\n')) text.remove_prefix(1);
    if (!text.empty()) after_cr_ = false;
  }

  /// `sep=;` in a line of its own, as Excel writes and reads it.
  static std::optional<char> separator_line(std::string_view& text) {
    constexpr std::string_view word = "sep=";
    const std::size_t end = text.find_first_of("\r\n");
    if (end != word.size() + 1 || (text.substr(0, 4) != word && text.substr(0, 4) != "SEP="))
      return std::nullopt;
    const char separator = text[word.size()];
    text.remove_prefix(end);
    text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
    return separator;
  }

  void start(std::string_view& text) {
    const auto separator = separator_line(text);
    const char delimiter = separator.value_or(options_.delimiter.value_or(','));
    records_ = std::make_unique<CsvRecords>(options_, delimiter, text_.encoding(), *file_, *page_);
    rows_ = std::make_unique<CsvRows>(delimiter, skipped_ + (separator ? 2 : 1), *records_);
  }

  CsvOptions options_;
  SourceText text_;
  const SourceFile* file_ = nullptr;
  RecordPage* page_ = nullptr;
  std::unique_ptr<CsvRecords> records_;
  std::unique_ptr<CsvRows> rows_;
  std::uint64_t skipped_ = 0;  ///< lines above the header
  bool after_cr_ = false;      ///< a line feed that comes now belongs to the carriage return before
};

}  // namespace

ConnectorKind csv_kind() {
  ConnectorKind kind;
  kind.name = "csv";
  kind.about = "a file of comma-separated values, as RFC 4180 has them; every cell is a text";
  kind.options = csv_options();
  kind.origin = "built in";
  return kind;
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_csv(const Settings& settings) {
  std::vector<Diagnostic> mistakes;
  CsvOptions options = read_csv_options(settings, csv_kind(), mistakes);
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  const SourceOptions source = options.source;
  return make_source("csv", source, std::make_unique<CsvFormat>(std::move(options)));
}

}  // namespace usher
