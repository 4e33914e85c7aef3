#include "connectors/files/record_page.hpp"

#include <fmt/format.h>

#include <utility>

namespace usher {

void RecordPage::add(std::string key, std::string attributes, std::uint64_t line, const SourceFile& file) {
  if (key.find_first_not_of(" \t\r\n") == std::string::npos) return bad(line, "the key is empty", file);
  if (const auto first = keys_.add(key, line))
    return bad(line, fmt::format("the key '{}' stands in line {} already", key, *first), file);
  ++records_;
  ++page_.items;
  if (stopping()) return;
  Account account;
  account.id = std::move(key);
  account.attributes = std::move(attributes);
  account.memberships = "{}";
  page_.accounts.push_back(std::move(account));
}

void RecordPage::bad(std::uint64_t line, std::string why, const SourceFile& file) {
  ++page_.items;
  BadRecord record{fmt::format("{}:{}", file.shown(), line), std::move(why)};
  if (bad_++ == 0) first_bad_ = record;
  if (quarantine_) page_.bad.push_back(std::move(record));
}

Outcome<Page> RecordPage::take(bool at_end, const SourceFile& file) {
  if (stopping() && at_end) {
    const std::string more = bad_ == 1 ? ""
                                       : fmt::format(" ({} more bad record{} follow{})", bad_ - 1,
                                                     bad_ == 2 ? "" : "s", bad_ == 2 ? "s" : "");
    Failure failure = file.failure(FailureKind::malformed, "");
    failure.message = fmt::format("{}: {}{}; mend the file, or set them aside with bad-rows: quarantine",
                                  first_bad_.where, first_bad_.why, more);
    return tl::unexpected(failure);
  }
  if (at_end && records_ == 0)
    return tl::unexpected(file.failure(
        FailureKind::malformed,
        bad_ == 0 ? "it holds no records; an empty source is never taken for an empty organisation"
                  : fmt::format("none of its {} records can be read; the first is bad because {}", bad_,
                                first_bad_.why)));
  Page page = std::exchange(page_, Page{});
  page.listing = "records";
  return page;
}

}  // namespace usher
