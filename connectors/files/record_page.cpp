#include "connectors/files/record_page.hpp"

#include <fmt/format.h>

#include <utility>

namespace usher {

RecordPage::RecordPage(const SourceOptions& options) : options_(options) {
  if (options.choice.kind != RecordChoice::Kind::none) chooser_.emplace(options.choice);
}

void RecordPage::end_survey() {
  chooser_->decide();
  page_ = {};
  bad_ = 0;
  first_bad_ = {};
  advice_.clear();
  doubt_.clear();
}

/// Whether this record of its key counts; says why it is bad when nobody can tell.
bool RecordPage::is_chosen(const std::string& key, std::uint64_t line, const SourceFile& file) {
  if (!chooser_) {
    const auto first = keys_.add(key, line);
    if (!first) return true;
    bad(line,
        fmt::format(
            "the key '{}' stands in line {} already ('choose: last', 'first' or 'newest by COLUMN' takes "
            "one of several; 'key: [COLUMN, COLUMN]' tells apart what several columns name together)",
            key, *first),
        file);
    return false;
  }
  const RecordChooser::Answer answer = chooser_->ask(key);
  if (answer == RecordChooser::Answer::cannot_be_compared)
    bad(line,
        fmt::format(
            "the key '{}' stands in several rows, and '{}' is not in all of them a date as 2026-03-01, or in "
            "all of them a whole number ('dates' says how a column writes dates)",
            key, chooser_->choice().column),
        file);
  return answer == RecordChooser::Answer::chosen;
}

void RecordPage::add(std::string key, std::string attributes, std::uint64_t line, const SourceFile& file) {
  if (key.find_first_not_of(" \t\r\n") == std::string::npos) return bad(line, "the key is empty", file);
  if (surveys()) return chooser_->see(key, attributes);
  if (!is_chosen(key, line, file)) return;
  ++records_;
  ++page_.items;
  if (stopping()) return;
  Account account;
  account.id = std::move(key);
  account.attributes = std::move(attributes);
  account.memberships = "{}";
  page_.accounts.push_back(std::move(account));
  page_.lines.push_back(line);
}

void RecordPage::bad(std::uint64_t line, std::string why, const SourceFile& file) {
  ++page_.items;
  BadRecord record{fmt::format("{}:{}", file.shown(), line), std::move(why)};
  if (bad_++ == 0) first_bad_ = record;
  if (options_.quarantine && !surveys()) page_.bad.push_back(std::move(record));
}

void RecordPage::doubt(std::string why) {
  if (doubt_.empty()) doubt_ = std::move(why);
}

/// What the last page says of the whole file.
void RecordPage::say_proof(Page& page) const {
  page.may_lose = options_.shrink;
  page.may_be_empty = options_.empty_allowed;
  if (!doubt_.empty()) {
    page.no_proof = doubt_;
  } else if (records_ < options_.least_records) {
    page.no_proof =
        fmt::format("it holds {} where 'records' says at least {}: it was cut",
                    records_ == 1 ? "1 record" : fmt::format("{} records", records_), options_.least_records);
  } else if (records_ == 0 && !options_.empty_allowed) {
    page.no_proof =
        "it holds no records; an empty source is never taken for an empty organisation ('empty: allowed' "
        "says "
        "that this one may be empty)";
  }
}

Outcome<Page> RecordPage::take(bool at_end, const SourceFile& file) {
  if (stopping() && at_end) {
    const std::string more = bad_ == 1 ? ""
                                       : fmt::format(" ({} more bad record{} follow{})", bad_ - 1,
                                                     bad_ == 2 ? "" : "s", bad_ == 2 ? "s" : "");
    Failure failure = file.failure(FailureKind::malformed, "");
    failure.message =
        fmt::format("{}: {}{}; {}", first_bad_.where, first_bad_.why, more,
                    advice_.empty() ? "mend the file, or set them aside with bad-rows: quarantine" : advice_);
    return tl::unexpected(failure);
  }
  if (at_end && records_ == 0 && bad_ > 0)
    return tl::unexpected(file.failure(
        FailureKind::malformed,
        bad_ == 1 ? fmt::format("its only record cannot be read: {}", first_bad_.why)
                  : fmt::format("none of its {} records can be read; the first is bad because {}", bad_,
                                first_bad_.why)));
  Page page = std::exchange(page_, Page{});
  page.listing = "records";
  page.columns = columns_;
  if (at_end) say_proof(page);
  return page;
}

std::string joined_key(const std::vector<std::string>& parts) {
  if (parts.size() == 1) return parts.front();
  std::string key;
  for (const std::string& part : parts) {
    if (part.find_first_not_of(" \t\r\n") == std::string::npos) return {};
    if (&part != &parts.front()) key += '/';
    for (const char c : part) {
      if (c == '~' || c == '/')
        key += c == '~' ? "~0" : "~1";
      else
        key += c;
    }
  }
  return key;
}

}  // namespace usher
