#include "connectors/files/json_records.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "connectors/canonical.hpp"
#include "connectors/member_twice.hpp"

namespace usher {

namespace {

constexpr std::size_t deepest = 200;  // levels, as of replies
constexpr std::size_t first_room = 64 << 10;

}  // namespace

struct JsonRecords::Parser {
  simdjson::dom::parser parser;
};

JsonRecords::JsonRecords(std::vector<std::string> key)
    : key_(std::move(key)), parser_(std::make_unique<Parser>()) {}

JsonRecords::~JsonRecords() = default;

void JsonRecords::begin(const SourceFile& file, RecordPage& page) {
  file_ = &file;
  page_ = &page;
}

void JsonRecords::element(std::string_view text, std::uint64_t line) {
  simdjson::dom::element value;
  if (parser_->parser.max_depth() != deepest)
    if (const auto error = parser_->parser.allocate(std::max(text.size(), first_room), deepest))
      return bad(line, fmt::format("cannot be read: {}", simdjson::error_message(error)));
  if (const auto error = parser_->parser.parse(text.data(), text.size()).get(value))
    return bad(line, fmt::format("not valid JSON: {}", simdjson::error_message(error)));
  if (!value.is_object()) return bad(line, "not an object");
  if (const auto name = member_twice(value)) return bad(line, fmt::format("'{}' stands twice", *name));
  std::vector<std::string> parts;
  for (const std::string& path : key_) {
    simdjson::dom::element found;
    if (!element_at(value, path, found)) return bad(line, fmt::format("it has no '{}', the key", path));
    auto part = scalar_text(found);
    if (!part) return bad(line, fmt::format("'{}', the key, is neither a text nor a number", path));
    parts.push_back(std::move(*part));
  }
  std::string attributes;
  attributes.reserve(text.size());
  append_canonical(attributes, value);
  page_->add(joined_key(parts), std::move(attributes), line, *file_);
}

}  // namespace usher
