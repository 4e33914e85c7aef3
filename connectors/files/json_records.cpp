#include "connectors/files/json_records.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <utility>

#include "connectors/canonical.hpp"

namespace usher {

struct JsonRecords::Parser {
  simdjson::dom::parser parser;
};

JsonRecords::JsonRecords(std::string key) : key_(std::move(key)), parser_(std::make_unique<Parser>()) {}

JsonRecords::~JsonRecords() = default;

void JsonRecords::begin(const SourceFile& file, RecordPage& page) {
  file_ = &file;
  page_ = &page;
}

void JsonRecords::element(std::string_view text, std::uint64_t line) {
  simdjson::dom::element value;
  if (const auto error = parser_->parser.parse(text.data(), text.size()).get(value))
    return bad(line, fmt::format("not valid JSON: {}", simdjson::error_message(error)));
  if (!value.is_object()) return bad(line, "not an object");
  simdjson::dom::element found;
  if (!element_at(value, key_, found)) return bad(line, fmt::format("it has no '{}', the key", key_));
  auto key = scalar_text(found);
  if (!key) return bad(line, fmt::format("'{}', the key, is neither a text nor a number", key_));
  std::string attributes;
  attributes.reserve(text.size());
  append_canonical(attributes, value);
  page_->add(std::move(*key), std::move(attributes), line, *file_);
}

/// The next chunk; the first one without its byte order mark.
Outcome<std::string_view> next_chunk(SourceFile& file, std::string& chunk, bool& first) {
  if (auto read = file.read(chunk, text_chunk_size); !read) return tl::unexpected(read.error());
  std::string_view text = chunk;
  if (std::exchange(first, false)) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
      return tl::unexpected(
          file.failure(FailureKind::malformed, "this is UTF-16 text; save the file as UTF-8"));
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  }
  return text;
}

}  // namespace usher
