#include "connectors/files/csv_records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>
#include <simdjson.h>

#include <algorithm>
#include <numeric>

#include "connectors/canonical.hpp"
#include "connectors/files/csv_text.hpp"
#include "state/model/suggestion.hpp"

namespace usher {
namespace {

constexpr std::uint64_t rows_looked_at = 20;  // for a header below titles
constexpr std::uint64_t longest_footer = 5;   // that is told from bad rows

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

CsvRecords::CsvRecords(const CsvOptions& options, char delimiter, const std::string& encoding,
                       const SourceFile& file, RecordPage& page)
    : options_(options), delimiter_(delimiter), encoding_(encoding), file_(file), page_(page) {
  if (!options.columns.empty()) take_header(options.columns, 0);
}

void CsvRecords::fail(const std::string& message, std::uint64_t line) {
  if (!unusable_) unusable_ = file_.failure(FailureKind::malformed, message, line);
}

void CsvRecords::read_header(const CsvRow& row) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string_view name = row.cell(i);
    if (!is_utf8(name) || name.find('\0') != std::string_view::npos)
      return fail(fmt::format("the header is not {} text{}", encoding_, encoding_advice(encoding_)),
                  row.line);
    const std::size_t line_break = name.find_first_of("\r\n");
    const bool holds_more =
        line_break != std::string_view::npos && name.find(delimiter_, line_break) != std::string_view::npos;
    if (holds_more && !options_.line_breaks_allowed)
      return fail(
          "a quoted column name contains what looks like rows: a stray quote may have swallowed them "
          "(line-breaks: allowed says that it is right)",
          row.line);
    names.emplace_back(without_blanks(name));
  }
  if (!row.ended && !options_.source.unended_allowed) page_.doubt("its header has no line end: it was cut");
  take_header(std::move(names), row.line);
}

void CsvRecords::take_header(std::vector<std::string> names, std::uint64_t line) {
  names_ = std::move(names);
  header_width_ = names_.size();
  while (names_.size() > 1 && names_.back().empty()) names_.pop_back();
  if (!find_keys(line)) return;
  const std::vector<std::string> shared = twice();
  for (const std::string& name : shared) {
    const bool used = contains(options_.source.key, name) || options_.dates.contains(name) ||
                      !options_.used || contains(*options_.used, name);
    if (used) fail(fmt::format("two columns are called '{}', and it is read", name), line);
  }
  for (const auto& [name, patterns] : options_.dates)
    if (!contains(names_, name))
      fail(fmt::format("no column is called '{}', which 'dates' names", name), line);
  order_columns(shared);
}

/// Names that several columns have.
std::vector<std::string> CsvRecords::twice() const {
  std::vector<std::string> sorted = names_, shared;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i] == sorted[i - 1] && !sorted[i].empty() && !contains(shared, sorted[i]))
      shared.push_back(sorted[i]);
  return shared;
}

bool CsvRecords::find_keys(std::uint64_t line) {
  for (const std::string& key : options_.source.key) {
    const auto found = std::find(names_.begin(), names_.end(), key);
    if (found != names_.end()) {
      key_columns_.push_back(static_cast<std::size_t>(found - names_.begin()));
      continue;
    }
    const auto delimiter = names_.size() == 1 ? likely_delimiter(names_.front(), delimiter_) : std::nullopt;
    std::string advice = did_you_mean(key, names_, fmt::format("; there are {}", fmt::join(names_, ", ")));
    if (delimiter) {
      const std::string shown = *delimiter == '\t' ? "tab" : fmt::format("\"{}\"", *delimiter);
      advice = fmt::format("; the cells of the header seem to be separated otherwise: delimiter: {}", shown);
    }
    fail(fmt::format("no column is called '{}', the key{}", key, advice), line);
    return false;
  }
  return true;
}

void CsvRecords::order_columns(const std::vector<std::string>& left_out) {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (!names_[i].empty() && !contains(left_out, names_[i])) order_.push_back(i);
  std::sort(order_.begin(), order_.end(),
            [&](std::size_t a, std::size_t b) { return names_[a] < names_[b]; });
  for (const std::size_t column : order_) {
    prefixes_.push_back(prefixes_.empty() ? "{" : ",");
    append_json_string(prefixes_.back(), names_[column]);
    prefixes_.back() += ':';
  }
  for (const std::string& name : names_) {
    const auto found = options_.dates.find(name);
    dates_.push_back(found == options_.dates.end() ? nullptr : &found->second);
  }
  std::vector<std::string> columns;
  for (const std::size_t column : order_) columns.push_back(names_[column]);
  page_.give_columns(std::move(columns));
  for (std::size_t i = 0; i < names_.size(); ++i) others_ += names_[i].empty() || is_of_key(i) ? 0 : 1;
}

/// The header had no key: perhaps titles stand above the true one.
void CsvRecords::look_for_header(const CsvRow& row) {
  if (++looked_ > rows_looked_at || !options_.columns.empty()) return;
  for (const std::string& key : options_.source.key) {
    bool found = false;
    for (std::size_t i = 0; i < row.size(); ++i) found = found || without_blanks(row.cell(i)) == key;
    if (!found) return;
  }
  looked_ = rows_looked_at;
  unusable_ = file_.failure(
      FailureKind::malformed,
      fmt::format(
          "no column is called '{}', the key; the header seems to stand in line {}: skip-rows: {} leaves "
          "out what stands above it",
          options_.source.key.front(), row.line, row.line - 1),
      1);
}

void CsvRecords::row(const CsvRow& row) {
  if (unusable_) return look_for_header(row);
  if (names_.empty()) return read_header(row);
  if (!options_.footer) return hold_if_only_a_key(row);
  if (options_.footer == 0) return record(row);
  held_.push_back(row);
  if (held_.size() <= options_.footer) return;
  record(held_.front());
  held_.pop_front();
}

/// Of rows with nothing but a key the first waits: as the last row of the file it would be a total.
void CsvRecords::hold_if_only_a_key(const CsvRow& row) {
  accept_held();
  if (keys_alone_are_records_ || !has_only_a_key(row)) return record(row);
  held_.push_back(row);
}

/// Another row follows: the one that waits is a record.
void CsvRecords::accept_held() {
  if (options_.footer || held_.empty()) return;
  record(held_.front());
  held_.clear();
  keys_alone_are_records_ = true;
}

bool CsvRecords::is_of_key(std::size_t column) const {
  return std::find(key_columns_.begin(), key_columns_.end(), column) != key_columns_.end();
}

bool CsvRecords::has_only_a_key(const CsvRow& row) const {
  if (row.size() < names_.size() || others_ < 2) return false;
  bool key = false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row.cell(i).empty() || without_blanks(row.cell(i)).empty()) continue;
    if (!is_of_key(i)) return false;
    key = true;
  }
  return key;
}

void CsvRecords::judge_last_row() {
  if (options_.footer || held_.empty()) return;
  page_.bad(
      held_.front().line,
      "the last row has nothing but a key, like a total below the rows (footer: 1 leaves it out, footer: 0 "
      "says that it is a record)",
      file_);
}

/// Why a row cannot be a record by its form alone; empty: it can. Cells beyond the named ones must be empty,
/// and as many in every row.
std::string CsvRecords::misfit(const CsvRow& row) {
  const std::size_t most = std::max(header_width_, names_.size() + 1);
  const bool blank_behind =
      row.size() > names_.size() && row.size() <= most && row.ends.back() == row.ends[names_.size() - 1];
  if (!width_ && (row.size() == names_.size() || blank_behind)) width_ = row.size();
  const bool fits = width_ && row.size() == *width_ && (row.size() == names_.size() || blank_behind);
  if (!fits) {
    ++odd_;
    ++odd_at_end_;
    return fmt::format(
        "{} cell{} where {} {}", row.size(), row.size() == 1 ? "" : "s",
        width_.value_or(names_.size()) == names_.size() ? "the header has" : "the rows above have",
        width_.value_or(names_.size()));
  }
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (names_[i].empty() && !row.cell(i).empty())
      return fmt::format("something stands in column {}, which has no name", i + 1);
  if (!row.ended && !options_.source.unended_allowed)
    return "the last line has no line end, where all others have one: the file may have been cut (unended: "
           "allowed says that it never has one)";
  return swallowed(row);
}

/// Why a quoted cell that contains whole rows is bad: a stray quote may have swallowed people. Empty: none
/// does.
std::string CsvRecords::swallowed(const CsvRow& row) const {
  const bool one_line = row.text.find('\n') == std::string::npos && row.text.find('\r') == std::string::npos;
  if (one_line || options_.line_breaks_allowed) return {};
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (holds_rows(row.cell(i), delimiter_, i, row.size()))
      return fmt::format(
          "the quoted cell in the column '{}' contains what looks like whole rows: a stray quote may have "
          "swallowed them (line-breaks: allowed says that such cells are right)",
          names_[i]);
  return {};
}

void CsvRecords::record(const CsvRow& row) {
  ++counted_;
  line_ = row.line;
  if (const std::string why = misfit(row); !why.empty()) return page_.bad(row.line, why, file_);
  json_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    json_ += prefixes_[i];
    const std::string why = append_cell(json_, row.cell(order_[i]), order_[i]);
    if (!why.empty()) return page_.bad(row.line, why, file_);
  }
  json_ += order_.empty() ? "{}" : "}";
  std::vector<std::string> parts;
  for (const std::size_t column : key_columns_) parts.emplace_back(without_invisible_ends(row.cell(column)));
  const bool keyless =
      std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
  const bool total = keyless && is_half_empty(row);
  if (total) ++odd_;
  odd_at_end_ = total ? odd_at_end_ + 1 : 0;
  page_.add(joined_key(parts), json_, row.line, file_);
}

bool CsvRecords::is_half_empty(const CsvRow& row) const {
  std::size_t filled = 0;
  for (std::size_t i = 0; i < row.size(); ++i) filled += row.cell(i).empty() ? 0 : 1;
  return 2 * filled <= names_.size();
}

/// Appends a cell; why it cannot be one, otherwise.
std::string CsvRecords::append_cell(std::string& json, std::string_view cell, std::size_t column) {
  if (cell.find('\0') != std::string_view::npos)
    return fmt::format("a NUL byte in the column '{}'", names_[column]);
  if (!is_utf8(cell))
    return fmt::format("the column '{}' is not {} text{}", names_[column], encoding_,
                       encoding_advice(encoding_));
  if (dates_[column] != nullptr)
    append_date(json, cell, column);
  else if (has_plain_ends(cell))
    append_json_string(json, cell);
  else
    append_json_string(json, without_invisible_ends(cell));
  return {};
}

/// A date that cannot be read is no text either: whatever rule reads it fails for this one person, and says
/// where it stands.
void CsvRecords::append_date(std::string& json, std::string_view cell, std::size_t column) const {
  if (const auto date = iso_date(without_invisible_ends(cell), *dates_[column])) {
    append_json_string(json, *date);
    return;
  }
  json += "{\"unreadable\":";
  append_json_string(json, fmt::format("{}:{}, column {}: '{}' is no date as {} writes it", file_.shown(),
                                       line_, column + 1, cell, fmt::join(*dates_[column], " or ")));
  json += '}';
}

void CsvRecords::broken(std::uint64_t line, const std::string& why) {
  if (unusable_) return;
  accept_held();
  ++counted_;
  page_.bad(line, why, file_);
}

void CsvRecords::finish() {
  if (unusable_) return;
  judge_last_row();
  check_trailer();
  check_footer();
  if (names_.empty())
    page_.doubt(
        "it holds no records, not even a header; an empty source is never taken for an empty organisation");
  const bool total = odd_at_end_ > 0 && odd_at_end_ <= longest_footer && odd_at_end_ == odd_ &&
                     page_.bad_count() == odd_ && page_.records() > 0;
  if (total)
    page_.advise(fmt::format("if what the file ends with is a total and no record, footer: {} leaves it out",
                             odd_at_end_));
}

/// The rows left out at the end may be all that is left of more. A trailer proves more than a line end.
void CsvRecords::check_footer() {
  if (options_.footer.value_or(0) == 0 || names_.empty()) return;
  if (held_.size() < options_.footer) return page_.doubt("it ends within its footer: it was cut");
  if (options_.trailer.empty() && !held_.back().ended && !options_.source.unended_allowed)
    page_.doubt(
        "the last line of its footer has no line end, where all others have one: it may have been cut "
        "(unended: allowed says that it never has one)");
}

/// The last rows are known now; one of them must say how many records there were.
void CsvRecords::check_trailer() {
  if (options_.trailer.empty()) return;
  std::string number;
  for (const CsvRow& row : held_) {
    std::string text(row.text, 0, row.ends.front());
    for (std::size_t i = 1; i < row.size(); ++i) text += delimiter_ + std::string(row.cell(i));
    while (text.ends_with(delimiter_)) text.pop_back();
    if (RE2::FullMatch(text, options_.trailer, &number)) break;
    number.clear();
  }
  if (number.empty())
    return fail(fmt::format("it does not end as 'trailer' says ({}): it was cut", options_.trailer), 0);
  if (number != std::to_string(counted_))
    fail(fmt::format("its trailer counts {}, {} {} read: it was cut",
                     number == "1" ? "1 record" : number + " records", counted_,
                     counted_ == 1 ? "was" : "were"),
         0);
}

}  // namespace usher
