#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/files/keys_seen.hpp"
#include "connectors/files/record_choice.hpp"
#include "connectors/files/source_file.hpp"
#include "connectors/files/source_options.hpp"

namespace usher {

/// Turns the records of one file into pages: every key once, none empty, bad records counted. A file without
/// any record is never taken for an empty organisation unless the options say so. Not thread-safe.
class RecordPage {
 public:
  static constexpr std::size_t page_size = 10'000;  ///< records; a page ends with the chunk that fills it

  explicit RecordPage(const SourceOptions& options);

  /// Takes a record with its canonical attributes, or finds its key empty or repeated.
  void add(std::string key, std::string attributes, std::uint64_t line, const SourceFile& file);
  void bad(std::uint64_t line, std::string why, const SourceFile& file);
  /// What to do about bad records, in place of the usual advice.
  void advise(std::string advice) { advice_ = std::move(advice); }
  /// What every record of the file has.
  void give_columns(std::vector<std::string> columns) { columns_ = std::move(columns); }
  /// The file cannot prove that it is whole, though its records can be read.
  void doubt(std::string why);

  std::uint64_t records() const { return records_; }
  std::uint64_t bad_count() const { return bad_; }

  /// Records are only looked at, until end_survey(): which of several of one key is chosen is seen at the
  /// end.
  bool surveys() const { return chooser_ && !chooser_->decided(); }
  void end_survey();

  /// A bad record was found that ends the pull: what comes is only counted.
  bool stopping() const { return !options_.quarantine && bad_ > 0; }
  bool full() const { return page_.items >= page_size; }

  /// The page so far; a failure when bad records end the pull.
  Outcome<Page> take(bool at_end, const SourceFile& file);

 private:
  bool is_chosen(const std::string& key, std::uint64_t line, const SourceFile& file);
  void say_proof(Page& page) const;

  const SourceOptions& options_;
  std::optional<RecordChooser> chooser_;
  Page page_;
  KeysSeen keys_;
  std::vector<std::string> columns_;
  std::uint64_t records_ = 0;
  std::uint64_t bad_ = 0;
  BadRecord first_bad_;
  std::string advice_;
  std::string doubt_;
};

/// One key out of several parts: "acme/7"; a slash within a part is written ~1 and a tilde ~0, so that
/// different parts never make the same key. Empty when a part is.
std::string joined_key(const std::vector<std::string>& parts);

}  // namespace usher
