#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/connector.hpp"
#include "connectors/files/keys_seen.hpp"
#include "connectors/files/source_file.hpp"

namespace usher {

/// Turns the records of one file into pages: every key once, none empty, bad records counted. A file without
/// any record is a failure, never an empty organisation. Not thread-safe.
class RecordPage {
 public:
  static constexpr std::size_t page_size = 10'000;  ///< records; a page ends with the chunk that fills it

  /// quarantine: bad records go into the page; else the first ends the pull.
  explicit RecordPage(bool quarantine) : quarantine_(quarantine) {}

  /// Takes a record with its canonical attributes, or finds its key empty or repeated.
  void add(std::string key, std::string attributes, std::uint64_t line, const SourceFile& file);
  void bad(std::uint64_t line, std::string why, const SourceFile& file);

  /// A bad record was found that ends the pull: what comes is only counted.
  bool stopping() const { return !quarantine_ && bad_ > 0; }
  bool full() const { return page_.items >= page_size; }

  /// The page so far; a failure when bad records end the pull, or when this is the end and there was nothing.
  Outcome<Page> take(bool at_end, const SourceFile& file);

 private:
  bool quarantine_;
  Page page_;
  KeysSeen keys_;
  std::uint64_t records_ = 0;
  std::uint64_t bad_ = 0;
  BadRecord first_bad_;
};

}  // namespace usher
