#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/files/json_array_splitter.hpp"
#include "connectors/files/record_page.hpp"
#include "connectors/files/source_file.hpp"

namespace usher {

/// Makes records out of the texts of JSON objects: what JSON, NDJSON and YAML files have in common.
class JsonRecords : public JsonListener {
 public:
  explicit JsonRecords(std::string key);
  ~JsonRecords() override;

  /// Both must outlive the elements to come.
  void begin(const SourceFile& file, RecordPage& page);
  void element(std::string_view text, std::uint64_t line) override;
  /// An element that is no JSON object to begin with.
  void bad(std::uint64_t line, std::string why) { page_->bad(line, std::move(why), *file_); }

 private:
  struct Parser;
  std::string key_;
  const SourceFile* file_ = nullptr;
  RecordPage* page_ = nullptr;
  std::unique_ptr<Parser> parser_;
};

/// How much of a file is read at once; a chunk that is smaller is the last one.
inline constexpr std::size_t text_chunk_size = 256U << 10U;

/// The next chunk of a text in UTF-8; the first one without its byte order mark.
Outcome<std::string_view> next_chunk(SourceFile& file, std::string& chunk, bool& first);

}  // namespace usher
