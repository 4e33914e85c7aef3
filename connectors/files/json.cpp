#include "connectors/files/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "connectors/files/json_array_splitter.hpp"
#include "connectors/files/json_records.hpp"
#include "connectors/files/source_connector.hpp"
#include "connectors/files/source_options.hpp"
#include "connectors/files/source_text.hpp"

namespace usher {
namespace {

class JsonFormat : public SourceFormat {
 public:
  JsonFormat(std::vector<std::string> key, std::vector<std::string> path)
      : records_(std::move(key)), path_(std::move(path)) {}

  void begin(const SourceFile& file, RecordPage& page) override {
    records_.begin(file, page);
    elements_.emplace(path_, records_);
    text_.begin();
  }

  Outcome<bool> advance(SourceFile& file) override {
    const auto text = text_.next(file);
    if (!text) return tl::unexpected(text.error());
    const bool last = text_.ended();
    if (!elements_->feed(*text) || (last && !elements_->finish()))
      return tl::unexpected(file.failure(FailureKind::malformed, elements_->problem(), elements_->line()));
    return !last;
  }

 private:
  JsonRecords records_;
  std::vector<std::string> path_;
  std::optional<JsonArraySplitter> elements_;
  SourceText text_;
};

class JsonLinesFormat : public SourceFormat {
 public:
  explicit JsonLinesFormat(std::vector<std::string> key) : records_(std::move(key)) {}

  void begin(const SourceFile& file, RecordPage& page) override {
    records_.begin(file, page);
    carried_.clear();
    line_ = 1;
    text_.begin();
  }

  Outcome<bool> advance(SourceFile& file) override {
    const auto chunk = text_.next(file);
    if (!chunk) return tl::unexpected(chunk.error());
    std::string_view text = *chunk;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      take(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    if (carried_.size() + text.size() > JsonArraySplitter::largest_element)
      return tl::unexpected(file.failure(FailureKind::malformed, "the line is longer than 16 MiB", line_));
    carried_ += text;
    const bool last = text_.ended();
    if (last) take({});
    return !last;
  }

 private:
  void take(std::string_view rest) {
    const std::string_view line = carried_.empty() ? rest : std::string_view(carried_ += rest);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) records_.element(line, line_);
    carried_.clear();
    ++line_;
  }

  JsonRecords records_;
  SourceText text_;
  std::string carried_;  ///< the beginning of a line that goes on in the next chunk
  std::uint64_t line_ = 1;
};

/// "/data/users" as RFC 6901 has it, or "data.users"; nullopt when it is neither.
std::optional<std::vector<std::string>> path_of(std::string text) {
  std::vector<std::string> path;
  if (text.empty()) return path;
  const char separator = text[0] == '/' ? '/' : '.';
  if (separator == '/') text.erase(0, 1);
  std::size_t at = 0;
  while (at <= text.size()) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    std::string key = text.substr(at, end - at);
    if (key.empty()) return std::nullopt;
    for (std::size_t tilde = separator == '/' ? key.find('~') : std::string::npos; tilde != std::string::npos;
         tilde = key.find('~', tilde + 1)) {
      if (tilde + 1 == key.size() || (key[tilde + 1] != '0' && key[tilde + 1] != '1')) return std::nullopt;
      key.replace(tilde, 2, key[tilde + 1] == '0' ? "~" : "/");
    }
    path.push_back(std::move(key));
    at = end + 1;
  }
  return path;
}

}  // namespace

ConnectorKind json_kind() {
  ConnectorKind kind;
  kind.name = "json";
  kind.about = "a JSON file that holds a list of objects";
  kind.options = source_options();
  kind.options.push_back({"pointer",
                          "string",
                          false,
                          "",
                          "where in the document the list stands: /data/users or data.users",
                          {}});
  kind.origin = "built in";
  return kind;
}

ConnectorKind ndjson_kind() {
  ConnectorKind kind;
  kind.name = "ndjson";
  kind.about = "a file with one JSON object a line";
  kind.options = source_options();
  kind.origin = "built in";
  return kind;
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_json(const Settings& settings) {
  std::vector<Diagnostic> mistakes;
  const SourceOptions options = read_source_options(settings, json_kind(), mistakes);
  auto path = path_of(option_or(settings, "pointer", ""));
  if (!path)
    mistakes.push_back(
        mistake_about(settings, "pointer", "'pointer' must look like /data/users or data.users"));
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return make_source("json", options, std::make_unique<JsonFormat>(options.key, std::move(*path)));
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_ndjson(const Settings& settings) {
  std::vector<Diagnostic> mistakes;
  const SourceOptions options = read_source_options(settings, ndjson_kind(), mistakes);
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return make_source("ndjson", options, std::make_unique<JsonLinesFormat>(options.key));
}

}  // namespace usher
