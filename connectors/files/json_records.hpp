#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/files/json_array_splitter.hpp"
#include "connectors/files/record_page.hpp"
#include "connectors/files/source_file.hpp"

namespace usher {

/// Makes records out of the texts of JSON objects: what JSON, NDJSON and YAML files have in common.
class JsonRecords : public JsonListener {
 public:
  /// key: dotted paths.
  explicit JsonRecords(std::vector<std::string> key);
  ~JsonRecords() override;

  /// Both must outlive the elements to come.
  void begin(const SourceFile& file, RecordPage& page);
  void element(std::string_view text, std::uint64_t line) override;
  /// An element that is no JSON object to begin with.
  void bad(std::uint64_t line, std::string why) { page_->bad(line, std::move(why), *file_); }

 private:
  struct Parser;
  std::vector<std::string> key_;
  const SourceFile* file_ = nullptr;
  RecordPage* page_ = nullptr;
  std::unique_ptr<Parser> parser_;
};

}  // namespace usher
